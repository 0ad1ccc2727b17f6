"""Alerts for staff: a crisis, or a phone call that must replace a message (电话任务)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from backend.conversations.tables import AlertRow
from backend.db.work import Work

UNANSWERED = "unanswered"
STAFF = "staff"
"""The wake-up topic of the workbench."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something staff must look at; `codes` say what it is about."""

    id: int
    kind: str
    codes: tuple[str, ...]
    conversation_id: int
    case_id: int | None
    outgoing_id: int | None
    created_at: datetime


async def raise_alert(
    work: Work,
    kind: str,
    conversation_id: int,
    *,
    codes: Sequence[str] = (),
    case_id: int | None = None,
    outgoing_id: int | None = None,
) -> int:
    """Put something before the staff at once: crisis, phone, dissatisfied, unanswered.

    That a resident waits unanswered is said once until somebody saw to it.
    """
    if kind == UNANSWERED:
        known = await work.session.scalar(
            select(AlertRow.id).where(
                AlertRow.kind == kind, AlertRow.conversation_id == conversation_id, AlertRow.done_at.is_(None)
            )
        )
        if known is not None:
            return known
    row = AlertRow(
        kind=kind,
        codes=list(codes),
        conversation_id=conversation_id,
        case_id=case_id,
        outgoing_id=outgoing_id,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.wake(STAFF)
    return row.id


async def open_alerts(work: Work, limit: int = 200) -> list[Alert]:
    """What nobody has taken care of: crises first, then the newest."""
    rows = await work.session.scalars(
        select(AlertRow)
        .where(AlertRow.done_at.is_(None))
        .order_by((AlertRow.kind == "crisis").desc(), AlertRow.id.desc())
        .limit(limit)
    )
    return [_alert(row) for row in rows]


async def open_alert(work: Work, alert_id: int) -> Alert | None:
    """One alert that nobody has taken care of."""
    row = await work.session.scalar(
        select(AlertRow).where(AlertRow.id == alert_id, AlertRow.done_at.is_(None))
    )
    return _alert(row) if row is not None else None


async def open_calls(work: Work, outgoing_id: int) -> list[Alert]:
    """The phone tasks that replace one message and that nobody has done."""
    rows = await work.session.scalars(
        select(AlertRow).where(
            AlertRow.outgoing_id == outgoing_id, AlertRow.kind == "phone", AlertRow.done_at.is_(None)
        )
    )
    return [_alert(row) for row in rows]


async def finish_alert(work: Work, alert_id: int, staff_id: int) -> bool:
    """Somebody took care of it; False when somebody else already had."""
    row = (
        await work.session.execute(
            update(AlertRow)
            .where(AlertRow.id == alert_id, AlertRow.done_at.is_(None))
            .values(done_at=work.now, done_by=staff_id)
            .returning(AlertRow.id)
        )
    ).one_or_none()
    work.wake(STAFF)
    return row is not None


def _alert(row: AlertRow) -> Alert:
    return Alert(
        row.id,
        row.kind,
        tuple(row.codes),
        row.conversation_id,
        row.case_id,
        row.outgoing_id,
        row.created_at,
    )
