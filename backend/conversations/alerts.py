"""Alerts for staff: a crisis, or a phone call that must replace a message (电话任务)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from backend.conversations.tables import AlertRow
from backend.db.work import Work

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
    """Put something before the staff at once; `kind` is crisis or phone."""
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
    """What nobody has taken care of, oldest first."""
    rows = await work.session.scalars(
        select(AlertRow).where(AlertRow.done_at.is_(None)).order_by(AlertRow.created_at).limit(limit)
    )
    return [
        Alert(r.id, r.kind, tuple(r.codes), r.conversation_id, r.case_id, r.outgoing_id, r.created_at)
        for r in rows
    ]


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
