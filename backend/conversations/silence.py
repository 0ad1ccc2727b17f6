"""Residents who were answered and have not written since."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from backend.conversations.tables import ConversationRow, OutgoingRow, ResidentRow, StashedRow
from backend.db.work import Work

_UNANSWERED = timedelta(minutes=10)
"""Not every message has an answer of its own: of an album's pictures the first one has."""


async def silent(work: Work, since: datetime, until: datetime) -> list[int]:
    """The conversations with the assistant whose last message came after `since`, `until` at the latest.

    Not those of which a message is still to be worked on. They are found by the replies, which have an index
    that costs nothing when a resident writes.
    """
    answered = select(OutgoingRow.conversation_id).where(
        OutgoingRow.kind == "reply",
        OutgoingRow.created_at > since - _UNANSWERED,
        OutgoingRow.created_at <= until,
    )
    stashed = exists().where(
        StashedRow.channel == ResidentRow.channel, StashedRow.user_id == ResidentRow.channel_user_id
    )
    rows = await work.session.scalars(
        select(ConversationRow.id)
        .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .where(
            ConversationRow.id.in_(answered),
            ConversationRow.mode == "bot",
            ConversationRow.last_message_at > since,
            ConversationRow.last_message_at <= until,
            ~stashed,
        )
        .order_by(ConversationRow.last_message_at)
    )
    return list(rows)
