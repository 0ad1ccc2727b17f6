"""Dead letters (未送达): messages that could not be delivered, or perhaps were; a person decides."""

from __future__ import annotations

from sqlalchemy import select, update

from backend.conversations.outbox import enqueue, outgoing_view
from backend.conversations.tables import OutgoingRow
from backend.conversations.views import OutgoingView
from backend.db.work import Work

_DEAD = OutgoingRow.state.in_(("dead", "unknown"))


async def open_letters(work: Work, limit: int = 200) -> list[OutgoingView]:
    """Messages that could not be delivered, or whose outcome is unknown: a person decides."""
    rows = await work.session.scalars(
        select(OutgoingRow).where(_DEAD).order_by(OutgoingRow.id.desc()).limit(limit)
    )
    return [outgoing_view(row) for row in rows]


async def resend(work: Work, outgoing_id: int) -> bool:
    """Queue a dead letter again; False when it is none any more."""
    row = (
        await work.session.execute(
            update(OutgoingRow)
            .where(OutgoingRow.id == outgoing_id, _DEAD)
            .values(state="queued", attempts=0, reason="resent_by_staff")
            .returning(OutgoingRow.conversation_id)
        )
    ).one_or_none()
    if row is None:
        return False
    await enqueue(work, row.conversation_id, outgoing_id)
    return True


async def drop(work: Work, outgoing_id: int, reason: str) -> bool:
    """Give up a dead letter (a person took care of it otherwise); False when it is none any more."""
    row = (
        await work.session.execute(
            update(OutgoingRow)
            .where(OutgoingRow.id == outgoing_id, _DEAD)
            .values(state="dropped", reason=reason)
            .returning(OutgoingRow.id)
        )
    ).one_or_none()
    return row is not None
