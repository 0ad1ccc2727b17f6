"""Alerts for staff: a crisis, a resident who waits or urges, a call that replaces a message (电话任务)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, not_, select, text, update

from backend.conversations.tables import AlertRow, IncomingRow
from backend.db.work import Work

CRISIS = "crisis"
CHANNEL = "channel"
"""A channel refuses its work (渠道故障): about the installation, not about a resident."""
STUCK = "stuck"
"""A message could not be worked on (来信未处理): a person has to read it."""
ONCE = frozenset({"unanswered", "urged", STUCK})
"""What is said once about a conversation or a case, until somebody saw to it."""
_TAP = (
    "^[[:punct:][:space:]]*([0-9]{1,2}|有|有的|有过|是|是的|对|对的|嗯|嗯嗯|yes|y)[[:punct:][:space:]。！]*$"
)
_TELLING = 6
"""Letters of a message that tells something; 在吗, 人工 and 我要投诉 do not."""
TOLD_WITHIN = timedelta(days=1)
"""What was told longer before somebody waited is another matter."""
STAFF = "staff"
"""The wake-up topic of the workbench."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something staff must look at; `codes` say what it is about."""

    id: int
    kind: str
    codes: tuple[str, ...]
    conversation_id: int | None
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
    """Put something before the staff at once: crisis, phone, dissatisfied, unanswered, urged, stuck.

    Those in `ONCE` are raised once until somebody saw to them; then the id is that of the open one.
    """
    if kind in ONCE:
        known = await work.session.scalar(
            select(AlertRow.id).where(
                AlertRow.kind == kind,
                AlertRow.conversation_id == conversation_id,
                AlertRow.case_id.is_not_distinct_from(case_id),
                AlertRow.done_at.is_(None),
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


async def raise_channel_alert(work: Work, code: str) -> None:
    """Say that a channel refuses its work (`wechat_45009_daily_quota`): once, until somebody saw to it."""
    await work.session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"alert:{code}"}
    )
    known = await work.session.scalar(
        select(AlertRow.id).where(
            AlertRow.kind == CHANNEL, AlertRow.codes == [code], AlertRow.done_at.is_(None)
        )
    )
    if known is None:
        work.session.add(AlertRow(kind=CHANNEL, codes=[code], conversation_id=None, created_at=work.now))
        await work.session.flush()
        work.wake(STAFF)


async def open_alerts(work: Work, limit: int = 200) -> list[Alert]:
    """What nobody has taken care of: crises first, then the newest."""
    rows = await work.session.scalars(
        select(AlertRow)
        .where(AlertRow.done_at.is_(None))
        .order_by((AlertRow.kind == CRISIS).desc(), AlertRow.id.desc())
        .limit(limit)
    )
    return [_alert(row) for row in rows]


async def open_crises(work: Work, conversation_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The kinds of crisis that nobody has taken care of, by conversation; the others are left out."""
    rows = await work.session.execute(
        select(AlertRow.conversation_id, AlertRow.codes)
        .where(
            AlertRow.kind == CRISIS,
            AlertRow.done_at.is_(None),
            AlertRow.conversation_id.in_(list(conversation_ids)),
        )
        .order_by(AlertRow.id)
    )
    found: dict[int, dict[str, None]] = {}
    for conversation_id, codes in rows:
        found.setdefault(conversation_id, {}).update(dict.fromkeys(codes))
    return {conversation_id: tuple(codes) for conversation_id, codes in found.items()}


def tells() -> ColumnElement[bool]:
    """For a resident's message, whether it tells more than a command, a tap or a short answer."""
    letters = func.regexp_replace(IncomingRow.text, "[[:punct:][:space:]0-9]", "", "g")
    return and_(
        IncomingRow.kind != "choice",
        func.char_length(letters) >= _TELLING,
        not_(IncomingRow.text.contains("人工")),
    )


def words_behind() -> ColumnElement[str]:
    """For a row of alerts, what the resident had told when it was raised, for a crisis what tells of it.

    A tap or a bare yes tells nothing by itself: what was said before it does.
    """
    before = (
        select(IncomingRow.text)
        .where(
            IncomingRow.conversation_id == AlertRow.conversation_id,
            IncomingRow.at <= AlertRow.created_at,
            IncomingRow.text != "",
        )
        .order_by(IncomingRow.id.desc())
        .limit(1)
        .correlate(AlertRow)
    )
    danger = and_(IncomingRow.kind != "choice", not_(IncomingRow.text.regexp_match(_TAP)))
    lately = and_(tells(), IncomingRow.at > AlertRow.created_at - TOLD_WITHIN)
    telling = before.where(case((AlertRow.kind == CRISIS, danger), else_=lately))
    return func.coalesce(telling.scalar_subquery(), before.scalar_subquery(), "")


async def crisis_words(work: Work, conversation_ids: Iterable[int]) -> dict[int, str]:
    """What was said when the last crisis was raised, by conversation; those without one are left out."""
    rows = await work.session.execute(
        select(AlertRow.conversation_id, words_behind())
        .where(AlertRow.kind == CRISIS, AlertRow.conversation_id.in_(list(conversation_ids)))
        .order_by(AlertRow.id)
    )
    return {conversation_id: words for conversation_id, words in rows if conversation_id is not None}


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


async def finish_stuck(work: Work, conversation_id: int, staff_id: int) -> None:
    """Somebody took care of the messages of a conversation that could not be worked on."""
    await work.session.execute(
        update(AlertRow)
        .where(
            AlertRow.kind == STUCK,
            AlertRow.conversation_id == conversation_id,
            AlertRow.done_at.is_(None),
        )
        .values(done_at=work.now, done_by=staff_id)
    )
    work.wake(STAFF)


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
