"""Messages that their channel was promised before they were worked on: kept as they came, taken up later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.conversations.tables import StashedRow
from backend.conversations.views import Sender
from backend.db.work import Work

TAKEN_UP_AFTER = timedelta(seconds=10)
"""The process that stashed a message is still at it for a moment; afterwards the worker does it."""

PAUSES = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8))
"""How long a message rests that could not be worked on, after the first try, the second, and so on."""

TRIES = len(PAUSES) + 1
"""After so many, some eleven minutes, it is for a person."""

NO_END = timedelta(seconds=30)
"""A try that has not ended by then took the worker with it, or the database."""


@dataclass(frozen=True, slots=True)
class Stashed:
    """A message as its channel parsed it."""

    id: int
    sender: Sender
    message_id: str
    message: Mapping[str, Any]
    tries: int
    """With the one that is being made."""
    created_at: datetime


async def put(work: Work, sender: Sender, message_id: str, message: Mapping[str, Any]) -> None:
    """Keep a message; the same one twice is kept once."""
    await work.session.execute(
        insert(StashedRow)
        .values(
            channel=sender.channel,
            user_id=sender.user_id,
            message_id=message_id,
            message=dict(message),
            created_at=work.now,
        )
        .on_conflict_do_nothing()
    )


async def take(work: Work) -> Stashed | None:
    """The oldest message that was kept and perhaps never worked on; None when none is due.

    Its try is counted before it is made: one that kills the worker counts too.
    """
    due = (
        select(StashedRow.id)
        .where(
            StashedRow.given_up_at.is_(None),
            or_(
                StashedRow.try_at <= work.now,
                StashedRow.try_at.is_(None) & (StashedRow.created_at <= work.now - TAKEN_UP_AFTER),
            ),
        )
        .order_by(StashedRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = await work.session.scalar(
        update(StashedRow)
        .where(StashedRow.id == due)
        .values(tries=StashedRow.tries + 1, try_at=work.now + NO_END)
        .returning(StashedRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return stashed(row) if row is not None else None


async def postpone(work: Work, message: Stashed) -> None:
    """It could not be worked on: let it rest, and others go."""
    await work.session.execute(
        update(StashedRow)
        .where(StashedRow.id == message.id)
        .values(try_at=work.now + PAUSES[message.tries - 1])
    )


async def give_up(work: Work, message: Stashed) -> bool:
    """Leave it to a person; False when it was worked on meanwhile."""
    found = await work.session.scalar(
        update(StashedRow)
        .where(StashedRow.id == message.id, StashedRow.given_up_at.is_(None))
        .values(given_up_at=work.now)
        .returning(StashedRow.id)
    )
    return found is not None


async def remove(work: Work, sender: Sender, message_id: str) -> datetime | None:
    """It was worked on; when it was promised, None when somebody else has removed it."""
    promised_at: datetime | None = await work.session.scalar(
        delete(StashedRow)
        .where(
            StashedRow.channel == sender.channel,
            StashedRow.user_id == sender.user_id,
            StashedRow.message_id == message_id,
        )
        .returning(StashedRow.created_at)
    )
    return promised_at


def stashed(row: StashedRow) -> Stashed:
    """The frozen value of a row."""
    return Stashed(
        row.id,
        Sender(row.channel, row.user_id),
        row.message_id,
        row.message,
        row.tries,
        row.created_at,
    )
