"""Messages that their channel was promised before they were worked on: kept as they came, taken up later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from backend.conversations.tables import StashedRow
from backend.conversations.views import Sender
from backend.db.work import Work

TAKEN_UP_AFTER = timedelta(seconds=10)
"""The process that stashed a message is still at it for a moment; afterwards the worker does it."""


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


async def due(work: Work, limit: int = 100) -> list[Mapping[str, Any]]:
    """Messages that were kept and perhaps never worked on, oldest first."""
    rows = await work.session.scalars(
        select(StashedRow.message)
        .where(StashedRow.created_at <= work.now - TAKEN_UP_AFTER)
        .order_by(StashedRow.id)
        .limit(limit)
    )
    return list(rows)


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
