"""How fast residents may be written to first: one pace for each channel, kept by all processes.

The next free moment lies in PostgreSQL. A reply never asks for it, so that it never waits for those who do.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from backend.db.shared_values import SharedValueRow
from backend.db.work import Work


async def next_turn(work: Work, channel: str, gap: timedelta) -> timedelta:
    """Take the next free moment of this channel, `gap` after the last one; how far off it is."""
    after = func.greatest(SharedValueRow.expires_at, work.now) + gap
    taken = await work.session.scalar(
        insert(SharedValueRow)
        .values(key=_key(channel), value={}, expires_at=work.now + gap)
        .on_conflict_do_update(index_elements=["key"], set_={"expires_at": after})
        .returning(SharedValueRow.expires_at)
    )
    return max(timedelta(0), (taken or work.now) - gap - work.now)


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
