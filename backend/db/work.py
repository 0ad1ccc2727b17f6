"""The unit of work: rows, jobs and wake-ups that are committed together or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.queue import queue

LIVE_CHANNEL = "fengqiao_live"


class Publisher(Protocol):
    """Carries wake-ups to other processes after the commit; may lose them."""

    async def publish(self, topics: list[str]) -> None:
        """Tell every listening process; never raises."""


class Work:
    """One transaction. Only entry points commit it (a route, a job)."""

    def __init__(self, session: AsyncSession, now: datetime, publisher: Publisher | None = None) -> None:
        """`now` is the one time that everything in this unit of work happened; no publisher = NOTIFY."""
        self.session = session
        self.now = now
        self._publisher = publisher
        self._topics: set[str] = set()

    async def defer(self, task: str, *, lock: str | None = None, priority: int = 0, **arguments: int) -> None:
        """Enqueue a job by name; it exists if and only if this work is committed.

        `lock` names what runs in order; arguments are ids, the rows are the truth.
        """
        raw = (await (await self.session.connection()).get_raw_connection()).driver_connection
        deferrer = queue.configure_task(
            task, lock=lock, priority=priority, connection=raw, allow_unknown=True
        )
        await deferrer.defer_async(**arguments)

    def wake(self, topic: str) -> None:
        """Tell open pages, once this is committed, to look again: `conversation:7`, `staff`."""
        self._topics.add(topic)

    async def commit(self) -> None:
        """Make everything true at once."""
        await self.session.flush()
        topics = sorted(self._topics)
        self._topics.clear()
        if topics and self._publisher is None:
            notify = text("select pg_notify(:channel, topic) from unnest(cast(:topics as text[])) as topic")
            await self.session.execute(notify, {"channel": LIVE_CHANNEL, "topics": topics})
        await self.session.commit()
        if topics and self._publisher is not None:
            await self._publisher.publish(topics)
