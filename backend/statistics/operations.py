"""What an operator watches: messages by state, jobs that wait, residents and alerts without a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text

from backend.conversations.tables import AlertRow, ConversationRow, OutgoingRow
from backend.db.work import Work
from backend.statistics import figures


@dataclass(frozen=True, slots=True)
class Operations:
    """Counts of this moment."""

    outgoing: Mapping[str, int]
    """Messages for residents by state."""
    jobs: Mapping[str, int]
    """Jobs that wait (todo), run (doing) or were given up after many tries (failed)."""
    waiting_chats: int
    open_alerts: int
    overdue_cases: int


async def operations(work: Work) -> Operations:
    """Count once."""
    outgoing = await work.session.execute(select(OutgoingRow.state, func.count()).group_by(OutgoingRow.state))
    jobs = await work.session.execute(
        text(
            "select status::text, count(*) from procrastinate_jobs "
            "where status in ('todo', 'doing', 'failed') group by status"
        )
    )
    waiting = select(func.count(ConversationRow.id)).where(ConversationRow.mode == "waiting")
    alerts = select(func.count(AlertRow.id)).where(AlertRow.done_at.is_(None))
    return Operations(
        outgoing={row[0]: row[1] for row in outgoing},
        jobs={"todo": 0, "doing": 0, "failed": 0} | {row[0]: row[1] for row in jobs},
        waiting_chats=await work.session.scalar(waiting) or 0,
        open_alerts=await work.session.scalar(alerts) or 0,
        overdue_cases=await figures.overdue(work),
    )
