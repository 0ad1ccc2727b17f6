"""The database as entry points see it: one unit of work at a time, committed by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import create_async_engine

from backend.db.singles import Singles
from backend.db.work import Publisher, Work

Clock = Callable[[], datetime]

_LOST = ("08", "57P", "40", "53")
"""SQLSTATE classes (PostgreSQL, appendix A): lost, stopping, rolled back by a conflict, out of disk."""
_GONE = ("08", "57P")


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class DatabaseUnavailable(Exception):
    """PostgreSQL cannot do this now: unreachable, gone in the middle, or a conflict; try the whole again."""


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = utc_now,
        publisher: Publisher | None = None,
        pool_size: int = 20,
        careful: bool = False,
    ) -> None:
        """`url` is a plain `postgresql://` address; raises nothing until it is used.

        `careful`: each unit of work first asks whether its connection still lives, one exchange more, so that
        the first one after a restart of the server does not fail: for people, who do not repeat it.
        """
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.clock = clock
        self._publisher = publisher
        self._engine = create_async_engine(
            # No overflow: a connection beyond the pool is made, and a server process with it, for one use.
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=careful,
            hide_parameters=True,
        )
        self._singles = Singles(self.conninfo)
        event.listen(self._engine.sync_engine, "checkin", _rest)

    @property
    def conninfo(self) -> str:
        """The address for libraries that speak psycopg themselves."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A unit of work; whatever is not committed inside is rolled back.

        Raises DatabaseUnavailable when the server cannot be reached or is lost on the way.
        """
        try:
            async with AsyncExitStack() as opened:
                work = Work(self._engine, self._singles, opened, self.clock(), self._publisher)
                try:
                    yield work
                except psycopg.OperationalError as error:
                    # The pool does not see what its driver is asked directly: this connection may be gone,
                    # and then those that rest beside it are.
                    await work.invalidate()
                    if error.sqlstate is None or error.sqlstate.startswith(_GONE):
                        await self.close()
                    raise
        except psycopg.Error as error:
            if _is_lost(error):
                raise DatabaseUnavailable from error
            raise
        except DBAPIError as error:
            if error.connection_invalidated:
                await self._singles.close()
            if error.connection_invalidated or _is_lost(error.orig):
                raise DatabaseUnavailable from error
            raise
        except PoolTimeoutError as error:
            raise DatabaseUnavailable from error

    async def ping(self) -> bool:
        """Whether the server answers."""
        try:
            async with self.work() as work:
                await work.session.execute(text("select 1"))
        except DatabaseUnavailable:
            return False
        return True

    async def close(self) -> None:
        """Give all connections back; who uses the database again gets new ones."""
        await self._singles.close()
        await self._engine.dispose()


def _rest(connection: Any, _record: Any) -> None:
    """A unit of work that failed after `Work.first` leaves its connection to the next one as it found it."""
    if connection is None:
        return
    driver = connection.driver_connection
    if driver.autocommit and not driver.closed:
        connection.autocommit = False


def _is_lost(error: BaseException | None) -> bool:
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        return type(error).__name__ in {"OperationalError", "InterfaceError"}
    return state.startswith(_LOST)
