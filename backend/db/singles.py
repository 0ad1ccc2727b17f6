"""Statements that are a transaction each, over connections that do nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads

AT_ONCE = 10
"""Connections; each is taken for a millisecond or two."""

FREE_WITHIN = timedelta(seconds=10)
"""How long a statement waits for one of them, as for one of the pool: when all hang, so would everybody."""


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
        """The first row of what a statement returns, committed.

        Raises psycopg's errors; TooManyConnections when none of ours became free in time.
        """
        await self._take_place()
        try:
            connection = self._resting.pop() if self._resting else await self._connect()
            try:
                row: tuple[Any, ...] | None = await (await connection.execute(query, params)).fetchone()
            finally:
                if connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                    self._resting.append(connection)
                else:
                    await connection.close()
        finally:
            self._places.release()
        return row

    async def close(self) -> None:
        """Give the connections back that nobody uses."""
        resting, self._resting = self._resting, []
        for connection in resting:
            await connection.close()

    async def _take_place(self) -> None:
        try:
            async with asyncio.timeout(FREE_WITHIN.total_seconds()):
                await self._places.acquire()
        except TimeoutError:
            raise psycopg.errors.TooManyConnections("no connection became free in time") from None

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection: psycopg.AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0, connect_timeout=10
        )
        set_json_dumps(orjson.dumps, connection)
        set_json_loads(orjson.loads, connection)
        return connection
