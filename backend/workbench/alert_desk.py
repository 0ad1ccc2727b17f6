"""Alerts with what an officer needs to judge them: whose, on which channel, and the words behind them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from backend.conversations.alerts import Alert, open_alerts, words_behind
from backend.conversations.tables import AlertRow, ConversationRow, OutgoingRow, ResidentRow
from backend.db.work import Work


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert as its page shows it."""

    alert: Alert
    channel: str
    """Empty for what is about no resident."""
    waits: bool
    """The resident waits for an officer now."""
    said: str
    """What the resident had told when it was raised: what raised a crisis, or what waits for an answer."""
    unsent: str
    """The message that a call must replace."""


async def raised(work: Work) -> list[Raised]:
    """What nobody has seen to: crises first, then the newest."""
    found = await open_alerts(work)
    rows = await work.session.execute(
        select(
            AlertRow.id,
            func.coalesce(ResidentRow.channel, ""),
            func.coalesce(ConversationRow.mode == "waiting", False),
            words_behind(),
            func.coalesce(OutgoingRow.literal, OutgoingRow.rendered, ""),
        )
        .outerjoin(ConversationRow, ConversationRow.id == AlertRow.conversation_id)
        .outerjoin(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .outerjoin(OutgoingRow, OutgoingRow.id == AlertRow.outgoing_id)
        .where(AlertRow.id.in_([alert.id for alert in found]))
    )
    facts = {row[0]: row for row in rows}
    return [Raised(alert, *facts[alert.id][1:]) for alert in found]
