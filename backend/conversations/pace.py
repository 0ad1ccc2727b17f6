"""How fast residents may be written to first: one pace for each channel, kept by all processes.

The next free moment lies in PostgreSQL. A reply never asks for it, so that it never waits for those who do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.db.shared_values import SharedValueRow
from backend.db.work import Work

LONGEST_WAIT = timedelta(seconds=1)
"""How far off a moment may be to be taken: who waits for theirs holds up what the same resident hears."""


async def next_turn(work: Work, channel: str, gap: timedelta) -> timedelta:
    """Take the next free moment of this channel, `gap` after the last one; how far off it is.

    Beyond `LONGEST_WAIT` nothing was taken: ask again after so long.
    """
    after = func.greatest(SharedValueRow.expires_at, work.now) + gap
    taken: datetime | None = await work.session.scalar(
        insert(SharedValueRow)
        .values(key=_key(channel), value={}, expires_at=work.now + gap)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"expires_at": after},
            where=SharedValueRow.expires_at <= work.now + LONGEST_WAIT,
        )
        .returning(SharedValueRow.expires_at)
    )
    if taken is not None:
        return max(timedelta(0), taken - gap - work.now)
    free_at: datetime | None = await work.session.scalar(
        select(SharedValueRow.expires_at).where(SharedValueRow.key == _key(channel))
    )
    return (free_at or work.now) - work.now


async def pause(work: Work, channel: str, until: timedelta) -> None:
    """The channel asked for fewer messages: none of these for so long."""
    later = work.now + until
    await work.session.execute(
        insert(SharedValueRow)
        .values(key=_key(channel), value={}, expires_at=later)
        .on_conflict_do_update(
            index_elements=["key"], set_={"expires_at": func.greatest(SharedValueRow.expires_at, later)}
        )
    )


def _key(channel: str) -> str:
    return f"pushes:{channel}"
