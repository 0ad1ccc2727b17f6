"""What an operator watches: messages under way, jobs that wait, residents and alerts without a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text

from backend.conversations.tables import (
    AlertRow,
    AttemptRow,
    ConversationRow,
    OutgoingRow,
    ResidentRow,
    StashedRow,
)
from backend.db.work import Work
from backend.statistics import figures

LATELY = timedelta(minutes=5)
"""Deliveries of so long are counted: a rate that needs no process to be asked for its own counters."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one kind that one channel's residents have not been sent yet."""

    channel: str
    kind: str
    count: int
    oldest: timedelta
    """Since the first of them was written."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How tries to hand messages over ended lately."""

    channel: str
    way: str
    """Empty for those that ended without one."""
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Operations:
    """Counts of this moment."""

    outgoing: Mapping[str, int]
    """Messages for residents by state."""
    jobs: Mapping[str, int]
    """Jobs that wait (todo), run (doing) or were given up after many tries (failed)."""
    queues: Mapping[str, int]
    """Jobs that wait, by queue."""
    stashed: Mapping[str, int]
    """Messages that were promised and not worked on yet: `waiting`, or `stuck` and left to a person."""
    waiting: Sequence[Waiting]
    delivered: Sequence[Delivered]
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
    queues = await work.session.execute(
        text("select queue_name, count(*) from procrastinate_jobs where status = 'todo' group by queue_name")
    )
    given_up = StashedRow.given_up_at.is_not(None)
    stashed = await work.session.execute(select(given_up, func.count()).group_by(given_up))
    waiting = select(func.count(ConversationRow.id)).where(ConversationRow.mode == "waiting")
    alerts = select(func.count(AlertRow.id)).where(AlertRow.done_at.is_(None))
    return Operations(
        outgoing={row[0]: row[1] for row in outgoing},
        jobs={"todo": 0, "doing": 0, "failed": 0} | {row[0]: row[1] for row in jobs},
        queues={row[0]: row[1] for row in queues},
        stashed={"waiting": 0, "stuck": 0} | {("stuck" if row[0] else "waiting"): row[1] for row in stashed},
        waiting=await _waiting(work),
        delivered=await _delivered(work),
        waiting_chats=await work.session.scalar(waiting) or 0,
        open_alerts=await work.session.scalar(alerts) or 0,
        overdue_cases=await figures.overdue(work),
    )


async def _waiting(work: Work) -> list[Waiting]:
    rows = await work.session.execute(
        select(ResidentRow.channel, OutgoingRow.kind, func.count(), func.min(OutgoingRow.created_at))
        .select_from(OutgoingRow)
        .join(ConversationRow, ConversationRow.id == OutgoingRow.conversation_id)
        .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .where(OutgoingRow.state.in_(("queued", "sending")))
        .group_by(ResidentRow.channel, OutgoingRow.kind)
    )
    return [Waiting(channel, kind, count, work.now - first) for channel, kind, count, first in rows]


async def _delivered(work: Work) -> list[Delivered]:
    way = func.coalesce(AttemptRow.way, "")
    rows = await work.session.execute(
        select(ResidentRow.channel, way, AttemptRow.outcome, func.count())
        .select_from(AttemptRow)
        .join(OutgoingRow, OutgoingRow.id == AttemptRow.outgoing_id)
        .join(ConversationRow, ConversationRow.id == OutgoingRow.conversation_id)
        .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .where(AttemptRow.started_at > work.now - LATELY, AttemptRow.outcome.is_not(None))
        .group_by(ResidentRow.channel, way, AttemptRow.outcome)
    )
    return [Delivered(channel, by, outcome or "", count) for channel, by, outcome, count in rows]
