"""A message that was received before, as it is now: edits and the other parts of an album."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from backend.conversations.tables import IncomingRow
from backend.db.work import Work


@dataclass(frozen=True, slots=True)
class Earlier:
    """An incoming message with the words of its last edit."""

    id: int
    text: str
    at: datetime
    """When it was first received."""
    changed: str
    """When it was last edited, as the channel says (ISO 8601); empty before the first edit."""
    attachment_ids: tuple[int, ...]


async def find(work: Work, conversation_id: int, message_id: str) -> Earlier | None:
    """The message with this channel's id; None when it never arrived."""
    edits = IncomingRow.payload["edits"].astext
    rows = (
        await work.session.scalars(
            select(IncomingRow)
            .where(
                IncomingRow.conversation_id == conversation_id,
                or_(IncomingRow.message_id == message_id, edits == message_id),
            )
            .order_by(IncomingRow.id)
        )
    ).all()
    if not rows or rows[0].message_id != message_id:
        return None
    first, last = rows[0], max(rows, key=lambda row: row.payload.get("edited_at", ""))
    kept = [found for row in rows for found in row.payload.get("attachments", ())]
    return Earlier(first.id, last.text, first.at, last.payload.get("edited_at", ""), tuple(kept))


async def was_heard(work: Work, conversation_id: int, attachment_id: int) -> bool:
    """Whether the words of this recording came with it, written down by its channel."""
    found = await work.session.scalar(
        select(IncomingRow.id)
        .where(
            IncomingRow.conversation_id == conversation_id,
            IncomingRow.payload.contains({"attachments": [attachment_id], "by_machine": True}),
        )
        .limit(1)
    )
    return found is not None


async def has_begun(work: Work, conversation_id: int, album: str, incoming_id: int) -> bool:
    """Whether another part of this album was received before that message."""
    found = await work.session.scalar(
        select(IncomingRow.id)
        .where(
            IncomingRow.conversation_id == conversation_id,
            IncomingRow.id < incoming_id,
            IncomingRow.payload["album"].astext == album,
        )
        .limit(1)
    )
    return found is not None
