"""How far a resident may still be written to first: counted from their last contact, which ends all of it.

Only what is counted is kept here; how much is allowed for how long is the channel's rule. The resident's side
needs no book of its own: their messages are rows already, so receiving one costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from backend.conversations.tables import ConversationRow, IncomingRow, ResidentRow, StandingRow
from backend.conversations.views import Sender
from backend.db.work import Work

CLOCKS_APART = timedelta(seconds=2)
"""How far a channel's clock, which counts whole seconds, may be from ours."""

_TOUCHED = or_(
    IncomingRow.kind.in_(("subscribe", "open")), and_(IncomingRow.kind == "choice", IncomingRow.text == "")
)
"""The resident followed, scanned or clicked the fixed menu, and wrote nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was sent to a resident first since they wrote, and since they followed, scanned or clicked."""

    resident_id: int
    conversation_id: int
    wrote_id: int | None
    wrote_at: datetime | None
    touched_id: int | None
    touched_at: datetime | None
    since_wrote: int
    since_touched: int
    closed: Mapping[str, str]
    """Way → why it is of no use before the next contact."""
    left: bool


async def look(work: Work, sender: Sender) -> Standing | None:
    """Where a resident stands, locked until the work ends; None for somebody who never wrote."""
    contact = (await work.session.execute(_contact(sender))).one_or_none()
    if contact is None:
        return None
    wrote = _newer(contact.wrote_id, StandingRow.wrote_id)
    touched = _newer(contact.touched_id, StandingRow.touched_id)
    upsert = insert(StandingRow).values(
        resident_id=contact.resident_id, wrote_id=contact.wrote_id, touched_id=contact.touched_id
    )
    row = (
        await work.session.execute(
            upsert.on_conflict_do_update(
                index_elements=["resident_id"],
                set_={
                    "wrote_id": case((wrote, contact.wrote_id), else_=StandingRow.wrote_id),
                    "touched_id": case((touched, contact.touched_id), else_=StandingRow.touched_id),
                    "since_wrote": case((wrote, 0), else_=StandingRow.since_wrote),
                    "since_touched": case((touched, 0), else_=StandingRow.since_touched),
                    "closed": case((or_(wrote, touched), cast({}, JSONB)), else_=StandingRow.closed),
                    "left_at": case((or_(wrote, touched), None), else_=StandingRow.left_at),
                },
            ).returning(
                StandingRow.wrote_id,
                StandingRow.touched_id,
                StandingRow.since_wrote,
                StandingRow.since_touched,
                StandingRow.closed,
                StandingRow.left_at,
            )
        )
    ).one()
    return Standing(
        resident_id=contact.resident_id,
        conversation_id=contact.conversation_id,
        wrote_id=row.wrote_id,
        wrote_at=contact.wrote_at,
        touched_id=row.touched_id,
        touched_at=contact.touched_at,
        since_wrote=row.since_wrote,
        since_touched=row.since_touched,
        closed=row.closed,
        left=row.left_at is not None,
    )


async def count(work: Work, standing: Standing, *, wrote: int = 0, touched: int = 0) -> None:
    """Count messages that are about to be sent, or with a minus those that were not sent after all.

    What was counted before a contact that came meanwhile is forgotten with it.
    """
    await work.session.execute(
        update(StandingRow)
        .where(StandingRow.resident_id == standing.resident_id)
        .values(
            since_wrote=_counted(StandingRow.since_wrote, wrote, StandingRow.wrote_id, standing.wrote_id),
            since_touched=_counted(
                StandingRow.since_touched, touched, StandingRow.touched_id, standing.touched_id
            ),
        )
    )


async def close(work: Work, standing: Standing, way: str, why: str) -> None:
    """A way is of no use to this resident before their next contact."""
    await work.session.execute(
        update(StandingRow)
        .where(StandingRow.resident_id == standing.resident_id, _no_newer_contact(standing))
        .values(closed=StandingRow.closed.concat(cast({way: why}, JSONB)))
    )


async def leave(work: Work, sender: Sender, at: datetime) -> Standing | None:
    """The resident turned their back on the channel; None when they came back since, or never wrote."""
    standing = await look(work, sender)
    if standing is None:
        return None
    contacts = [moment for moment in (standing.wrote_at, standing.touched_at) if moment is not None]
    if any(moment > at + CLOCKS_APART for moment in contacts):
        return None
    await _set_left(work, standing, at)
    return standing


async def mark_left(work: Work, standing: Standing) -> None:
    """The channel says that this resident has turned their back on it."""
    await _set_left(work, standing, work.now)


async def _set_left(work: Work, standing: Standing, at: datetime) -> None:
    await work.session.execute(
        update(StandingRow)
        .where(StandingRow.resident_id == standing.resident_id, _no_newer_contact(standing))
        .values(left_at=at)
    )


def _contact(sender: Sender) -> Any:
    """The resident with their last two kinds of contact."""
    return (
        select(
            ResidentRow.id.label("resident_id"),
            ConversationRow.id.label("conversation_id"),
            func.max(IncomingRow.id).filter(~_TOUCHED).label("wrote_id"),
            func.max(IncomingRow.at).filter(~_TOUCHED).label("wrote_at"),
            func.max(IncomingRow.id).filter(_TOUCHED).label("touched_id"),
            func.max(IncomingRow.at).filter(_TOUCHED).label("touched_at"),
        )
        .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
        .outerjoin(IncomingRow, IncomingRow.conversation_id == ConversationRow.id)
        .where(ResidentRow.channel == sender.channel, ResidentRow.channel_user_id == sender.user_id)
        .group_by(ResidentRow.id, ConversationRow.id)
    )


def _newer(found: int | None, known: Any) -> ColumnElement[bool]:
    return func.coalesce(known, 0) < (found or 0)


def _counted(counter: Any, by: int, known: Any, seen: int | None) -> Any:
    return case((func.coalesce(known, 0) == (seen or 0), func.greatest(0, counter + by)), else_=counter)


def _no_newer_contact(standing: Standing) -> ColumnElement[bool]:
    return and_(
        func.coalesce(StandingRow.wrote_id, 0) == (standing.wrote_id or 0),
        func.coalesce(StandingRow.touched_id, 0) == (standing.touched_id or 0),
    )
