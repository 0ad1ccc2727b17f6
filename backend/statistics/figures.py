"""The figures of a centre: how many cases stand where, done in time, and how satisfied residents are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.cases.tables import CaseEventRow, CaseRow
from backend.cases.views import Actor
from backend.db.work import Work
from backend.domain.lifecycle import OPEN, SATISFIED_FROM, Action, Role, Status
from backend.organisation.tables import UnitRow

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a centre counts; rates are between 0 and 1, None while there is nothing to divide by."""

    total: int
    by_status: Mapping[str, int]
    by_category: Mapping[str, int]
    by_unit: Mapping[str, int]
    overdue: int
    """Open cases whose present stage is past its deadline (超期)."""
    resolved: int
    """Resolutions, one for each round that had a result (办结)."""
    on_time_rate: float | None
    """按时办结率: resolutions before the deadline, of all."""
    ratings: Mapping[int, int]
    """How many rounds were last rated 1-5 (满意度评价)."""
    satisfaction_rate: float | None
    """满意率: ratings of 3 and above, of all."""
    average_rating: float | None


async def figures(work: Work, actor: Actor) -> Figures:
    """The figures over all cases that the actor may see."""
    sight = [CaseRow.unit_id == actor.unit_id] if actor.role is Role.UNIT else []
    by_status = await _count(work, CaseRow.status, sight)
    on_time = await _count(work, CaseEventRow.data["in_time"].as_boolean(), sight, action=Action.RESOLVE)
    ratings = dict.fromkeys(range(1, 6), 0) | await _ratings(work, sight)
    rated, resolved = sum(ratings.values()), sum(on_time.values())
    return Figures(
        total=sum(by_status.values()),
        by_status={status.value: by_status.get(status.value, 0) for status in Status},
        by_category=await _count(work, CaseRow.category, sight),
        by_unit=await _count(work, UnitRow.code, [*sight, CaseRow.unit_id.is_not(None)]),
        overdue=await overdue(work, sight),
        resolved=resolved,
        on_time_rate=_rate(on_time.get(True, 0), resolved),
        ratings=ratings,
        satisfaction_rate=_rate(sum(n for rating, n in ratings.items() if rating >= SATISFIED_FROM), rated),
        average_rating=_rate(sum(rating * n for rating, n in ratings.items()), rated),
    )


async def overdue(work: Work, sight: list[ColumnElement[bool]] | None = None) -> int:
    """How many open cases are past the deadline of their stage."""
    count = await work.session.scalar(
        select(func.count(CaseRow.id)).where(
            CaseRow.status.in_([status.value for status in OPEN]), CaseRow.due_at < work.now, *(sight or [])
        )
    )
    return count or 0


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


async def _count(
    work: Work, key: SQLColumnExpression[Key], where: list[ColumnElement[bool]], action: Action | None = None
) -> dict[Key, int]:
    query = select(key, func.count()).select_from(CaseRow).outerjoin(UnitRow, UnitRow.id == CaseRow.unit_id)
    if action is not None:
        query = query.join(CaseEventRow, CaseEventRow.case_id == CaseRow.id)
        where = [*where, CaseEventRow.action == action.value]
    rows = await work.session.execute(query.where(*where).group_by(key))
    return {row[0]: row[1] for row in rows}


async def _ratings(work: Work, sight: list[ColumnElement[bool]]) -> dict[int, int]:
    # A low rating opens the next round in the same step, so its event already carries that round's number.
    rated_round = CaseEventRow.round - case((CaseEventRow.action == Action.REOPEN.value, 1), else_=0)
    latest = (
        select(CaseEventRow.data["rating"].as_integer().label("rating"))
        .join(CaseRow, CaseRow.id == CaseEventRow.case_id)
        .where(CaseEventRow.data.has_key("rating"), *sight)
        .ext(distinct_on(CaseEventRow.case_id, rated_round))
        .order_by(CaseEventRow.case_id, rated_round, CaseEventRow.version.desc())
        .subquery()
    )
    rows = await work.session.execute(select(latest.c.rating, func.count()).group_by(latest.c.rating))
    return {row[0]: row[1] for row in rows}
