"""Statements that are a transaction each, over connections that do nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg

AT_ONCE = 10
"""Connections; each is taken for a millisecond or two."""


class Singles:
    """Runs single statements: to begin and to end a transaction costs more than they do.

    Connections are made when they are needed, and kept; when the server went away, `close` forgets them. The
    next statement makes a new one at once: a pool that waits longer after every failure would keep residents
    waiting when the database is back.
    """

    def __init__(self, conninfo: str) -> None:
        """`conninfo` is a plain PostgreSQL address; nothing is opened before the first statement."""
        self._conninfo = conninfo
        self._places = asyncio.Semaphore(AT_ONCE)
        self._resting: list[psycopg.AsyncConnection[Any]] = []

    async def run(self, query: str, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row of what a statement returns, committed. Raises psycopg's errors."""
        async with self._places:
            connection = self._resting.pop() if self._resting else await self._connect()
            try:
                row: tuple[Any, ...] | None = await (await connection.execute(query, params)).fetchone()
            finally:
                if connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                    self._resting.append(connection)
                else:
                    await connection.close()
            return row

    async def close(self) -> None:
        """Give the connections back that nobody uses."""
        resting, self._resting = self._resting, []
        for connection in resting:
            await connection.close()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0, connect_timeout=10
        )
