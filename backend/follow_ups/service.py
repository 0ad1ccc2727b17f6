"""Timers (回访 and other promises): set and cancelled with the step that causes them, claimed when due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.queue import CASES, LIVE
from backend.db.work import Work
from backend.follow_ups.tables import FollowUpRow

COME_DUE = "follow_up"


class Kind(StrEnum):
    """What comes due."""

    SURVEY = "survey"
    SURVEY_REMINDER = "survey_reminder"
    SURVEY_CLOSE = "survey_close"
    HANDOVER_UNCLAIMED = "handover_unclaimed"
    HANDOVER_STILL_UNCLAIMED = "handover_still_unclaimed"
    OFFICER_SILENT = "officer_silent"


SOMEBODY_WAITS = frozenset({Kind.HANDOVER_UNCLAIMED, Kind.HANDOVER_STILL_UNCLAIMED, Kind.OFFICER_SILENT})
"""Timers of a resident who waits for an answer now: ten thousand surveys must not come before them."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One timer that came due."""

    id: int
    kind: Kind
    due_at: datetime
    case_id: int | None
    round: int | None
    conversation_id: int | None


async def schedule_for_case(work: Work, kind: Kind, case_id: int, round_: int, due_at: datetime) -> None:
    """Set a timer of one round of a case; one of each kind per round."""
    await work.session.execute(
        insert(FollowUpRow)
        .values(kind=kind.value, case_id=case_id, round=round_, due_at=due_at, created_at=work.now)
        .on_conflict_do_nothing()
    )


async def schedule_for_conversation(
    work: Work, kind: Kind, conversation_id: int, due_at: datetime, *, keep_earlier: bool = False
) -> None:
    """Set a timer of a conversation, in place of an earlier one of the same kind unless that is kept."""
    if keep_earlier:
        waits = (
            FollowUpRow.conversation_id == conversation_id,
            FollowUpRow.kind == kind.value,
            FollowUpRow.state == "waiting",
        )
        if await work.session.scalar(select(FollowUpRow.id).where(*waits).limit(1)) is not None:
            return
    await cancel_for_conversation(work, kind, conversation_id)
    work.session.add(
        FollowUpRow(
            kind=kind.value,
            conversation_id=conversation_id,
            due_at=due_at,
            state="waiting",
            created_at=work.now,
        )
    )


async def cancel_for_case(work: Work, case_id: int) -> None:
    """The case moved on: nothing that waits for it comes any more."""
    await work.session.execute(
        update(FollowUpRow)
        .where(FollowUpRow.case_id == case_id, FollowUpRow.state.in_(("waiting", "due")))
        .values(state="cancelled")
    )


async def cancel_for_conversation(work: Work, kind: Kind, conversation_id: int) -> None:
    """What the timer waited for has happened."""
    await work.session.execute(
        update(FollowUpRow)
        .where(
            FollowUpRow.conversation_id == conversation_id,
            FollowUpRow.kind == kind.value,
            FollowUpRow.state.in_(("waiting", "due")),
        )
        .values(state="cancelled")
    )


async def claim_due(work: Work, limit: int = 500) -> int:
    """Turn timers whose time has come (at `work.now`) into jobs; how many there were."""
    due = (
        select(FollowUpRow.id)
        .where(FollowUpRow.state == "waiting", FollowUpRow.due_at <= work.now)
        .order_by(FollowUpRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = await work.session.execute(
        update(FollowUpRow)
        .where(FollowUpRow.id.in_(due))
        .values(state="due")
        .returning(FollowUpRow.id, FollowUpRow.kind)
        .execution_options(synchronize_session=False)
    )
    due_now = sorted((follow_up_id, Kind(kind)) for follow_up_id, kind in claimed)
    for follow_up_id, kind in due_now:
        queue_name = LIVE if kind in SOMEBODY_WAITS else CASES
        await work.defer(COME_DUE, queue_name=queue_name, follow_up_id=follow_up_id)
    return len(due_now)


async def find(work: Work, follow_up_id: int) -> FollowUp | None:
    """A timer that came due and was neither cancelled nor done; without a lock (lock the case first)."""
    row = await work.session.get(FollowUpRow, follow_up_id, populate_existing=True)
    return _view(row) if row is not None and row.state == "due" else None


async def finish(work: Work, follow_up_id: int) -> bool:
    """What it asked for is done; False when it was cancelled or done meanwhile: then do nothing."""
    row = (
        await work.session.execute(
            update(FollowUpRow)
            .where(FollowUpRow.id == follow_up_id, FollowUpRow.state == "due")
            .values(state="done")
            .returning(FollowUpRow.id)
        )
    ).one_or_none()
    return row is not None


def _view(row: FollowUpRow) -> FollowUp:
    return FollowUp(row.id, Kind(row.kind), row.due_at, row.case_id, row.round, row.conversation_id)
