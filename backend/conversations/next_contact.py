"""Messages that could not be pushed and wait for the resident to write again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update

from backend.conversations.outbox import enqueue, outgoing_view
from backend.conversations.tables import OutgoingRow
from backend.conversations.views import OutgoingView
from backend.db.work import Work

REASON = "next_contact"


async def waiting(work: Work, conversation_id: int) -> list[OutgoingView]:
    """What waits for this contact, oldest first (the conversation must be locked)."""
    rows = await work.session.scalars(
        select(OutgoingRow)
        .where(
            OutgoingRow.conversation_id == conversation_id,
            OutgoingRow.state == "held",
            OutgoingRow.reason == REASON,
        )
        .order_by(OutgoingRow.id)
    )
    return [outgoing_view(row) for row in rows]


async def count(work: Work) -> int:
    """How many messages wait, of all residents."""
    waits = (OutgoingRow.state == "held", OutgoingRow.reason == REASON)
    return await work.session.scalar(select(func.count(OutgoingRow.id)).where(*waits)) or 0


async def told(work: Work, outgoing_ids: Sequence[int]) -> None:
    """These went into the reply to the resident's message."""
    if outgoing_ids:
        await work.session.execute(
            update(OutgoingRow)
            .where(OutgoingRow.id.in_(outgoing_ids))
            .values(state="sent", way=REASON, due_at=None, sent_at=work.now)
        )


async def release(work: Work, conversation_id: int, outgoing_ids: Sequence[int]) -> None:
    """Push these now that the resident has opened the channel's window again."""
    if outgoing_ids:
        await work.session.execute(
            update(OutgoingRow).where(OutgoingRow.id.in_(outgoing_ids)).values(state="queued", due_at=None)
        )
    for outgoing_id in outgoing_ids:
        await enqueue(work, conversation_id, outgoing_id, live=True)
