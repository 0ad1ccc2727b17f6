"""Opening a case and acting on it, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backend.cases import desk, queries, service
from backend.cases.tables import CaseEventRow, CaseTextRow
from backend.cases.views import SYSTEM, Actor, Given
from backend.domain.errors import (
    BadValue,
    CaseError,
    MissingField,
    NotAllowed,
    NotFound,
    NotYours,
    StaleVersion,
)
from backend.domain.lifecycle import Action, Role, Status
from backend.follow_ups.tables import FollowUpRow
from tests.fixtures.staff import Office

OFFICER = Actor(Role.OFFICER)


async def jobs(office: Office) -> list[tuple[str, str | None]]:
    async with office.database.work() as work:
        rows = await work.session.execute(text("select task_name, lock from procrastinate_jobs order by id"))
        return [(row[0], row[1]) for row in rows]


async def follow_ups(office: Office, case_id: int) -> list[tuple[str, str]]:
    async with office.database.work() as work:
        rows = await work.session.execute(
            select(FollowUpRow.kind, FollowUpRow.state)
            .where(FollowUpRow.case_id == case_id)
            .order_by(FollowUpRow.id)
        )
        return [(row[0], row[1]) for row in rows]


async def test_a_new_case_has_a_number_a_deadline_and_its_first_event(office: Office) -> None:
    case = await office.case(reporter_name="王阿姨", reporter_phone="13812345678", other_party="恒安物业")
    assert case.number.startswith("FQ20")
    assert (case.status, case.round, case.version) == (Status.RECEIVED, 1, 1)
    assert case.due_at is not None and case.due_at > case.created_at
    async with office.database.work() as work:
        history = await queries.history(work, case.id, internal=True)
        parties = await queries.parties(work, case.id)
    assert [(e.action, e.version, e.role) for e in history] == [(None, 1, Role.RESIDENT)]
    assert [(p.role, p.name, p.phone) for p in parties] == [
        ("reporter", "王阿姨", "13812345678"),
        ("other", "恒安物业", ""),
    ]
    assert await jobs(office) == [], "the resident was told in the conversation"


async def test_one_message_opens_one_case(office: Office) -> None:
    resident = await office.resident()
    incoming = await office.hears(resident, "提交")
    first = await office.case(resident, incoming_id=incoming)
    again = await office.case(resident, incoming_id=incoming, summary="别的")
    assert again == first


async def test_an_unknown_category_opens_nothing(office: Office) -> None:
    with pytest.raises(BadValue):
        await office.case(category="nothing")
    async with office.database.work() as work:
        assert (await queries.list_cases(work, SYSTEM)).total == 0


async def test_numbers_differ_under_load(office: Office) -> None:
    residents = [await office.resident() for _ in range(10)]
    cases = await asyncio.gather(*(office.case(resident) for resident in residents))
    assert len({case.number for case in cases}) == 10


async def test_the_whole_loop_and_its_timers(office: Office) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    await office.act(case, Action.ACCEPT, OFFICER)
    assigned = await office.act(case, Action.ASSIGN, OFFICER, unit="zhujian")
    assert (assigned.unit_code, assigned.unit_name) == ("zhujian", "住建局")
    unit = Actor(Role.UNIT, unit_id=assigned.unit_id)
    await office.act(case, Action.START, unit)
    resolved = await office.act(case, Action.RESOLVE, unit, text="已修好")
    assert (resolved.status, resolved.due_at) == (Status.RESOLVED, None)
    assert await follow_ups(office, case.id) == [("survey", "waiting")]
    reopened = await office.rate(resolved, resident, 2)
    assert (reopened.status, reopened.round, reopened.unit_code) == (Status.ASSIGNED, 2, "zhujian")
    assert reopened.due_at is not None
    assert await follow_ups(office, case.id) == [("survey", "cancelled")]
    resolved = await office.act(case, Action.RESOLVE, unit, text="这次真修好了")
    closed = await office.rate(resolved, resident, 5)
    assert (closed.status, closed.rating) == (Status.CLOSED, 5)
    async with office.database.work() as work:
        history = await queries.history(work, case.id, internal=True)
    assert [e.version for e in history] == list(range(1, 9))
    assert [e.round for e in history] == [1, 1, 1, 1, 1, 2, 2, 2]
    assert [e.data for e in history if e.action is Action.RESOLVE] == [{"in_time": True}] * 2


async def test_the_same_rating_twice_is_one(office: Office) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    await office.act(case, Action.ACCEPT, OFFICER)
    await office.act(case, Action.ASSIGN, OFFICER, unit="renshe")
    resolved = await office.act(case, Action.RESOLVE, OFFICER, text="好了")
    first = await office.rate(resolved, resident, 4)
    assert await office.rate(resolved, resident, 4) == first
    better = await office.rate(resolved, resident, 5)
    assert (better.status, better.rating) == (Status.CLOSED, 5)
    worse = await office.rate(resolved, resident, 1)
    assert (worse.status, worse.round, worse.rating) == (Status.ASSIGNED, 2, None)
    with pytest.raises(NotAllowed):
        await office.rate(resolved, resident, 5)
    for wrong in (0, 6, -1):
        with pytest.raises(BadValue):
            await office.rate(worse, resident, wrong)


async def test_two_ratings_at_once_open_one_round(office: Office) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    await office.act(case, Action.ACCEPT, OFFICER)
    await office.act(case, Action.ASSIGN, OFFICER, unit="renshe")
    resolved = await office.act(case, Action.RESOLVE, OFFICER, text="好了")
    results = await asyncio.gather(
        *(office.rate(resolved, resident, 1) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert (await office.now(case)).round == 2


async def test_two_officers_at_once(office: Office) -> None:
    case = await office.case()

    async def accept() -> object:
        async with office.database.work() as work:
            rules = await office.rulebook.current(work)
            after = await service.act(work, rules, case.id, Action.ACCEPT, OFFICER, version=case.version)
            await work.commit()
            return after

    results = await asyncio.gather(*(accept() for _ in range(6)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(refused) == 5
    assert all(isinstance(error, StaleVersion) for error in refused)
    async with office.database.work() as work:
        assert len(await queries.history(work, case.id, internal=True)) == 2


async def test_what_is_refused_leaves_no_trace(office: Office) -> None:
    case = await office.case()
    other = await office.resident()
    attempts: list[tuple[type[CaseError], Action, Actor, Given, int | None]] = [
        (StaleVersion, Action.ACCEPT, OFFICER, Given(), 7),
        (NotAllowed, Action.RESOLVE, OFFICER, Given(text="x"), None),
        (NotYours, Action.WITHDRAW, Actor(Role.SYSTEM), Given(), None),
        (MissingField, Action.REFUSE, OFFICER, Given(), None),
        (BadValue, Action.RECLASSIFY, OFFICER, Given(category="nothing"), None),
        (NotFound, Action.WITHDRAW, other.actor, Given(), None),
        (NotFound, Action.NOTE, Actor(Role.UNIT, unit_id=2), Given(text="x"), None),
    ]
    before = await jobs(office)
    for kind, action, actor, given, version in attempts:
        async with office.database.work() as work:
            rules = await office.rulebook.current(work)
            with pytest.raises(kind):
                await service.act(work, rules, case.id, action, actor, given, version=version)
            await work.commit()
    async with office.database.work() as work:
        rules = await office.rulebook.current(work)
        with pytest.raises(NotFound):
            await service.act(work, rules, 10**9, Action.ACCEPT, OFFICER)
    assert await office.now(case) == case
    assert await jobs(office) == before


async def test_accepting_and_assigning_is_both_or_neither(office: Office) -> None:
    officer = (await office.person(Role.OFFICER)).member
    case = await office.case()
    async with office.database.work() as work:
        rules = await office.rulebook.current(work)
        with pytest.raises(BadValue):
            await desk.act(work, rules, case.number, Action.ACCEPT, officer, Given(unit="nowhere"), 1)
    assert (await office.now(case)).status is Status.RECEIVED
    async with office.database.work() as work:
        after = await desk.act(work, rules, case.number, Action.ACCEPT, officer, Given(unit="sifa"), 1)
        await work.commit()
    assert (after.status, after.unit_code, after.version) == (Status.ASSIGNED, "sifa", 3)
    async with office.database.work() as work:
        changes = await desk.changes_since(work, case.number, officer, 1)
    assert [change.action for change in changes] == [Action.ACCEPT, Action.ASSIGN]


async def test_acting_settles_what_needs_review(office: Office) -> None:
    for action, given in (
        (Action.ACCEPT, {}),
        (Action.REFUSE, {"reason": "不归这里管"}),
        (Action.RECLASSIFY, {"category": "family"}),
    ):
        case = await office.case(needs_review=True)
        after = await office.act(case, action, OFFICER, **given)
        assert not after.needs_review
    assert after.category == "family"


async def test_late_is_late(office: Office) -> None:
    case = await office.case()
    await office.act(case, Action.ACCEPT, OFFICER)
    assigned = await office.act(case, Action.ASSIGN, OFFICER, unit="sifa")
    assert assigned.due_at is not None
    async with office.database.work() as work:
        work.now = assigned.due_at + timedelta(seconds=1)
        rules = await office.rulebook.current(work)
        await service.act(work, rules, case.id, Action.RESOLVE, OFFICER, Given(text="晚了"))
        await work.commit()
        history = await queries.history(work, case.id, internal=True)
    assert history[-1].data == {"in_time": False}


async def test_personal_text_stays_out_of_events(office: Office) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    await office.act(case, Action.SUPPLEMENT, resident.actor, text="我叫王秀英，电话13812345678")
    await office.act(case, Action.COMMENT, OFFICER, text="王秀英情绪激动")
    await office.act(case, Action.REFUSE, OFFICER, reason="王秀英的事归法院")
    async with office.database.work() as work:
        events = (
            await work.session.scalars(select(CaseEventRow).where(CaseEventRow.case_id == case.id))
        ).all()
        texts = (await work.session.scalars(select(CaseTextRow).order_by(CaseTextRow.id))).all()
        told = await queries.history(work, case.id, internal=False)
    assert "王秀英" not in str([(event.data, event.action) for event in events])
    assert [row.audience for row in texts] == ["resident", "staff", "resident"]
    assert "情绪" not in str(told)


async def test_urging_is_noted(office: Office) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    assert case.urged_at is None
    assert (await office.act(case, Action.URGE, resident.actor)).urged_at is not None
