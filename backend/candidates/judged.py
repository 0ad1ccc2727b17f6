"""Cases whose category a person judged: the stories from which the model could learn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, and_, func, or_, select

from backend.cases.tables import CaseEventRow, CasePartyRow, CaseRow
from backend.db.work import Work
from backend.domain.lifecycle import Action
from backend.organisation.tables import RegionRow

Verdict = Literal["corrected", "confirmed"]
"""A person gave it another category, or accepted one of which the model was not sure."""

MOST = 1000
"""Cases in one collection, the last judged first: more than a person reads at once."""
_REGISTER, _RECLASSIFY, _ACCEPT = "register", Action.RECLASSIFY.value, Action.ACCEPT.value


@dataclass(frozen=True, slots=True)
class Judged:
    """One story with the category that a person gave it, as the database holds it: nothing is masked."""

    story: str
    category: str
    """Category code."""
    verdict: Verdict
    at: datetime
    """When the person judged."""
    guess: Mapping[str, Any]
    """The machine's own guess (`Guess` as a dictionary); empty when it is not known."""
    number: str
    place: str
    parties: tuple[tuple[str, str], ...]
    """(name, phone)."""


@dataclass(frozen=True, slots=True)
class Found:
    """The cases judged last, and the names of the centre's regions, which tell where they happened."""

    cases: tuple[Judged, ...]
    more: bool
    """Whether older ones are left behind."""
    regions: tuple[str, ...]


async def judged(work: Work, after: datetime | None = None) -> Found:
    """The cases judged after a moment (None = ever), the last judged first."""
    rows = (await work.session.execute(_last_judged(after))).all()
    ids = [row[0].id for row in rows[:MOST]]
    events, parties = await _events(work, ids), await _parties(work, ids)
    return Found(
        tuple(_judged(case, at, events[case.id], parties[case.id]) for case, at in rows[:MOST]),
        len(rows) > MOST,
        tuple(await work.session.scalars(select(RegionRow.name).order_by(RegionRow.id))),
    )


def _last_judged(after: datetime | None) -> Select[CaseRow, datetime]:
    doubted = select(CaseEventRow.case_id).where(
        CaseEventRow.action == _REGISTER, CaseEventRow.data["needs_review"].as_boolean()
    )
    judgement = or_(
        CaseEventRow.action == _RECLASSIFY,
        and_(CaseEventRow.action == _ACCEPT, CaseEventRow.case_id.in_(doubted)),
    )
    last = (
        select(CaseEventRow.case_id, func.max(CaseEventRow.at).label("at"))
        .where(judgement)
        .group_by(CaseEventRow.case_id)
        .subquery()
    )
    query = select(CaseRow, last.c.at).join(last, last.c.case_id == CaseRow.id)
    if after is not None:
        query = query.where(last.c.at > after)
    return query.order_by(last.c.at.desc(), CaseRow.id.desc()).limit(MOST + 1)


async def _events(work: Work, ids: list[int]) -> dict[int, list[CaseEventRow]]:
    rows = await work.session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case_id.in_(ids), CaseEventRow.action.in_((_REGISTER, _RECLASSIFY)))
        .order_by(CaseEventRow.version)
    )
    found: dict[int, list[CaseEventRow]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


async def _parties(work: Work, ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    rows = await work.session.scalars(
        select(CasePartyRow).where(CasePartyRow.case_id.in_(ids)).order_by(CasePartyRow.id)
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append((row.name, row.phone))
    return found


def _judged(
    case: CaseRow, at: datetime, events: list[CaseEventRow], parties: list[tuple[str, str]]
) -> Judged:
    registered, *changes = events
    # Events of earlier versions of this software do not say what the category was before.
    first = registered.data.get("category") or next((e.data.get("was") for e in changes), None)
    return Judged(
        story=case.summary,
        category=case.category,
        verdict="corrected" if changes and first != case.category else "confirmed",
        at=at,
        guess=registered.data.get("guess") or {},
        number=case.number,
        place=case.place,
        parties=tuple(parties),
    )
