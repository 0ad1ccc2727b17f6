"""A conversation as it reads: both directions in the order of their common ids."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from backend.conversations.outbox import outgoing_view
from backend.conversations.tables import IncomingRow, OutgoingRow
from backend.conversations.views import IncomingView, OutgoingView
from backend.db.work import Work


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of a conversation, each direction oldest first; merge by id."""

    incoming: tuple[IncomingView, ...]
    outgoing: tuple[OutgoingView, ...]


async def read(
    work: Work, conversation_id: int, *, after: int = 0, limit: int = 200, only_sent: bool = False
) -> Timeline:
    """The newest `limit` messages of each direction with an id above `after`.

    `only_sent` leaves out what has not reached the resident yet: what their own page shows.
    """
    incoming = await work.session.scalars(
        select(IncomingRow)
        .where(IncomingRow.conversation_id == conversation_id, IncomingRow.id > after)
        .order_by(IncomingRow.id.desc())
        .limit(limit)
    )
    which = [OutgoingRow.conversation_id == conversation_id, OutgoingRow.id > after]
    if only_sent:
        which.append(OutgoingRow.state == "sent")
    outgoing = await work.session.scalars(
        select(OutgoingRow).where(*which).order_by(OutgoingRow.id.desc()).limit(limit)
    )
    return Timeline(
        tuple(_incoming(row) for row in reversed(incoming.all())),
        tuple(outgoing_view(row) for row in reversed(outgoing.all())),
    )


def _incoming(row: IncomingRow) -> IncomingView:
    return IncomingView(
        id=row.id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        kind=row.kind,
        text=row.text,
        payload=row.payload,
        at=row.at,
    )
