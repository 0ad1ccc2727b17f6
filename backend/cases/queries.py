"""Read cases: one, a list, a history; each only as far as the reader may see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, not_, or_, select

from backend.cases import search
from backend.cases.tables import CaseEventRow, CasePartyRow, CaseRow, CaseTextRow
from backend.cases.views import Actor, CaseView, EventView, Note, PartyView
from backend.conversations.tables import ResidentRow
from backend.db.work import Work
from backend.domain.errors import NotFound
from backend.domain.lifecycle import OPEN, UNDER_WAY, Action, Role, Status
from backend.domain.scripts import CHINESE_LETTER, LANGUAGE, OTHER_LETTER
from backend.organisation.tables import StaffRow, UnitRow


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases is narrowed to; empty = everything."""

    statuses: tuple[Status, ...] = ()
    category: str = ""
    unit: str = ""
    words: str = ""
    overdue: bool = False
    needs_review: bool = False
    needs_translation: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how many cases there are in all."""

    cases: tuple[CaseView, ...]
    total: int


async def find(work: Work, number: str, actor: Actor) -> CaseView:
    """The case with this number; raises NotFound, also when it is not the actor's to see."""
    return await _one(work, CaseRow.number == number, actor)


async def find_by_id(work: Work, case_id: int, actor: Actor) -> CaseView:
    """The case with this id; raises NotFound, also when it is not the actor's to see."""
    return await _one(work, CaseRow.id == case_id, actor)


async def list_cases(
    work: Work, actor: Actor, filters: Filters = Filters(), *, limit: int = 50, offset: int = 0
) -> Page:
    """The cases that the actor may see: danger first, then what is due, then the newest."""
    where = [*_sight(actor), *_filter(filters, work.now)]
    counted = select(func.count(CaseRow.id)).outerjoin(UnitRow, UnitRow.id == CaseRow.unit_id)
    total = await work.session.scalar(counted.where(*where))
    rows = await work.session.execute(
        _cases()
        .where(*where)
        .order_by(_urgent().desc(), CaseRow.due_at.asc().nulls_last(), CaseRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return Page(tuple(case_view(row[0], row[1], row[2]) for row in rows), total or 0)


async def of_resident(work: Work, resident_id: int, since: datetime) -> list[CaseView]:
    """A resident's own cases, newest first: all under way, and those touched after `since`."""
    rows = await work.session.execute(
        _cases()
        .where(
            CaseRow.reporter_id == resident_id,
            or_(CaseRow.status.in_([s.value for s in UNDER_WAY]), CaseRow.updated_at >= since),
        )
        .order_by(CaseRow.id.desc())
    )
    return [case_view(row[0], row[1], row[2]) for row in rows]


async def counts(work: Work, actor: Actor) -> dict[Status, int]:
    """How many cases stand where, of those the actor may see."""
    rows = await work.session.execute(
        select(CaseRow.status, func.count()).where(*_sight(actor)).group_by(CaseRow.status)
    )
    return {Status(status): count for status, count in rows}


async def history(work: Work, case_id: int, *, internal: bool) -> list[EventView]:
    """Everything that happened, oldest first; `internal` adds what only staff may read."""
    events = await work.session.execute(
        select(CaseEventRow, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == CaseEventRow.staff_id)
        .where(CaseEventRow.case_id == case_id)
        .order_by(CaseEventRow.version)
    )
    notes = await _notes(work, CaseTextRow.case_id == case_id, internal=internal)
    return [_event(row[0], row[1], notes[row[0].id]) for row in events]


async def event(work: Work, event_id: int) -> EventView:
    """One event with all its notes; raises NotFound."""
    row = await work.session.get(CaseEventRow, event_id)
    if row is None:
        raise NotFound(event_id=event_id)
    notes = await _notes(work, CaseTextRow.event_id == event_id, internal=True)
    return _event(row, None, notes[event_id])


async def parties(work: Work, case_id: int) -> list[PartyView]:
    """The parties of a case: for staff only."""
    rows = await work.session.scalars(
        select(CasePartyRow).where(CasePartyRow.case_id == case_id).order_by(CasePartyRow.id)
    )
    return [PartyView(row.role, row.name, row.phone, row.id) for row in rows]


def case_view(row: CaseRow, unit: UnitRow | None, language: str = LANGUAGE) -> CaseView:
    """The frozen value of a row; `language` is its reporter's."""
    return CaseView(
        id=row.id,
        number=row.number,
        category=row.category,
        summary=row.summary,
        place=row.place,
        since=row.since,
        location=row.location,
        details=row.details,
        crises=tuple(row.crises),
        needs_review=row.needs_review,
        status=Status(row.status),
        round=row.round,
        version=row.version,
        unit_id=row.unit_id,
        unit_code=unit.code if unit else "",
        unit_name=unit.name if unit else "",
        due_at=row.due_at,
        urged_at=row.urged_at,
        rating=row.rating,
        reporter_id=row.reporter_id,
        conversation_id=row.conversation_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        language=language,
    )


def _cases() -> Select[CaseRow, UnitRow, str]:
    return select(CaseRow, UnitRow, _reporters_language()).outerjoin(UnitRow, UnitRow.id == CaseRow.unit_id)


def _reporters_language() -> ScalarSelect[str]:
    return select(ResidentRow.language).where(ResidentRow.id == CaseRow.reporter_id).scalar_subquery()


async def _one(work: Work, which: ColumnElement[bool], actor: Actor) -> CaseView:
    row = (
        await work.session.execute(
            _cases().where(which, *_sight(actor)).execution_options(populate_existing=True)
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return case_view(row[0], row[1], row[2])


def _urgent() -> ColumnElement[bool]:
    """A case under way in which somebody may be in danger comes before every deadline."""
    return (func.jsonb_array_length(CaseRow.crises) > 0) & CaseRow.status.in_([s.value for s in OPEN])


def _sight(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.role is Role.UNIT:
        return [CaseRow.unit_id == actor.unit_id]
    if actor.role is Role.RESIDENT:
        return [CaseRow.reporter_id == actor.resident_id]
    return []


def _filter(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filters.statuses:
        where.append(CaseRow.status.in_([status.value for status in filters.statuses]))
    if filters.category:
        where.append(CaseRow.category == filters.category)
    if filters.unit:
        where.append(UnitRow.code == filters.unit)
    if filters.needs_review:
        where.append(CaseRow.needs_review.is_(True))
    if filters.needs_translation:
        foreign = and_(
            CaseRow.summary.regexp_match(OTHER_LETTER), not_(CaseRow.summary.regexp_match(CHINESE_LETTER))
        )
        where.append(or_(_reporters_language() != LANGUAGE, foreign))
    if filters.overdue:
        where.append(CaseRow.status.in_([status.value for status in OPEN]) & (CaseRow.due_at < now))
    if (query := search.query(filters.words)) is not None:
        where.append(CaseRow.search.op("@@")(func.to_tsquery("simple", query)))
    return where


async def _notes(work: Work, which: ColumnElement[bool], *, internal: bool) -> dict[int, list[Note]]:
    rows = await work.session.scalars(select(CaseTextRow).where(which).order_by(CaseTextRow.id))
    notes: dict[int, list[Note]] = defaultdict(list)
    for row in rows:
        if internal or row.audience == "resident":
            notes[row.event_id].append(Note(row.audience, row.text))
    return notes


def _event(row: CaseEventRow, staff_name: Any, notes: list[Note]) -> EventView:
    return EventView(
        id=row.id,
        case_id=row.case_id,
        version=row.version,
        round=row.round,
        action=Action(row.action) if row.action != "register" else None,
        from_status=Status(row.from_status) if row.from_status else None,
        to_status=Status(row.to_status),
        role=Role(row.role),
        staff_id=row.staff_id,
        staff_name=staff_name or "",
        data=row.data,
        at=row.at,
        notes=tuple(notes),
    )
