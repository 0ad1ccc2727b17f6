"""The unit of work: rows, jobs and wake-ups that are committed together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Protocol, cast

from psycopg import AsyncClientCursor
from psycopg import AsyncConnection as Driver
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.db.queue import LIVE, queue
from backend.db.singles import Singles

LIVE_CHANNEL = "fengqiao_live"

Params = Mapping[str, Any]


class Publisher(Protocol):
    """Carries wake-ups to other processes after the commit; may lose them."""

    async def publish(self, topics: list[str]) -> None:
        """Tell every listening process; never raises."""


class Work:
    """One transaction. Only entry points commit it (a route, a job)."""

    def __init__(
        self,
        engine: AsyncEngine,
        singles: Singles,
        opened: AsyncExitStack,
        now: datetime,
        publisher: Publisher | None = None,
    ) -> None:
        """`now` is the one time that everything in this unit of work happened; no publisher = NOTIFY.

        What is opened on the way, a connection or a session, is closed with `opened`.
        """
        self.now = now
        self._engine = engine
        self._singles = singles
        self._opened = opened
        self._connection: AsyncConnection | None = None
        self._session: AsyncSession | None = None
        self._publisher = publisher
        self._topics: set[str] = set()
        self._last: list[_Last] = []

    @property
    def session(self) -> AsyncSession:
        """The ORM's view of this work."""
        if self._session is None:
            bind = self._connection or self._engine
            self._session = AsyncSession(bind, expire_on_commit=False, autoflush=False)
            self._opened.push_async_exit(self._session)
        return self._session

    async def driver(self) -> Driver[Any]:
        """The connection of this work, for what is done often: an ORM takes as long as the database."""
        if self._session is not None:
            connection = await self._session.connection()
        elif self._connection is not None:
            connection = self._connection
        else:
            connection = await self._opened.enter_async_context(self._engine.connect())
            self._connection = connection
        return _driver(connection)

    async def alone(self, query: str, params: Params) -> tuple[Any, ...] | None:
        """Run a statement as a transaction of its own, outside this one; its first row."""
        return await self._singles.run(query, params)

    async def first(self, query: str, params: Params) -> tuple[Any, ...] | None:
        """Begin with a statement and the transaction, in one exchange; its first row."""
        driver = await self.driver()
        # Otherwise the driver sends a BEGIN of its own; the pool sets it back.
        await driver.set_autocommit(True)
        cursor = AsyncClientCursor(driver)
        await cursor.execute(f"begin; {query}", params)
        cursor.nextset()
        row: tuple[Any, ...] | None = await cursor.fetchone()
        return row

    async def run(self, query: str, params: Params) -> tuple[Any, ...] | None:
        """Run a statement of its own on the session's connection; its first row, if it has any."""
        cursor = await (await self.driver()).execute(query, params)
        row: tuple[Any, ...] | None = await cursor.fetchone() if cursor.description else None
        return row

    def last(self, query: str, params: Params) -> Callable[[], int]:
        """Run a statement when everything else is done, in one exchange with the commit.

        Returns what gives the one number that it returns, once it has run.
        """
        statement = _Last(query, params)
        self._last.append(statement)
        return statement.result

    async def run_last(self, *, commit: bool = False) -> None:
        """Run what waits for the commit, since something needs its result; or with it (`commit`)."""
        driver = await self.driver()
        cursor = AsyncClientCursor(driver)
        together = [cursor.mogrify(statement.query, statement.params) for statement in self._last]
        await cursor.execute("; ".join([*together, "commit"] if commit else together))
        for statement in self._last:
            statement.found = await cursor.fetchone() if cursor.description else None
            cursor.nextset()
        self._last.clear()

    async def defer(
        self,
        task: str,
        *,
        queue_name: str = LIVE,
        lock: str | None = None,
        priority: int = 0,
        **arguments: int,
    ) -> None:
        """Enqueue a job by name; it exists if and only if this work is committed.

        `lock` names what runs in order; arguments are ids, the rows are the truth.
        """
        deferrer = queue.configure_task(
            task,
            queue=queue_name,
            lock=lock,
            priority=priority,
            connection=await self.driver(),
            allow_unknown=True,
        )
        await deferrer.defer_async(**arguments)

    def wake(self, topic: str) -> None:
        """Tell open pages, once this is committed, to look again: `conversation:7`, `staff`."""
        self._topics.add(topic)

    async def commit(self) -> None:
        """Make everything true at once."""
        if self._session is not None:
            await self._session.flush()
        topics = sorted(self._topics)
        self._topics.clear()
        if topics and self._publisher is None:
            notify = text("select pg_notify(:channel, topic) from unnest(cast(:topics as text[])) as topic")
            await self.session.execute(notify, {"channel": LIVE_CHANNEL, "topics": topics})
        if self._last:
            await self.run_last(commit=True)
        await self._end()
        if topics and self._publisher is not None:
            await self._publisher.publish(topics)

    async def _end(self) -> None:
        if self._session is not None:
            await self._session.commit()
        if self._connection is not None:
            # The ORM commits only what it has begun.
            await _driver(self._connection).commit()
            await self._connection.close()
            self._connection = self._session = None

    async def invalidate(self) -> None:
        """Never use the connection again: it may be lost."""
        if self._session is not None:
            await self._session.invalidate()
        elif self._connection is not None:
            await self._connection.invalidate()


def _driver(connection: AsyncConnection) -> Driver[Any]:
    begun = cast("Connection", connection.sync_connection)
    return cast("Driver[Any]", begun.connection.driver_connection)


class _Last:
    """A statement that waits for the commit."""

    def __init__(self, query: str, params: Params) -> None:
        self.query = query
        self.params = params
        self.found: tuple[Any, ...] | None = None

    def result(self) -> int:
        """Raises LookupError before it has run, or when it found no row."""
        if self.found is None:
            raise LookupError("a statement that has not run, or found nothing")
        number: int = self.found[0]
        return number
