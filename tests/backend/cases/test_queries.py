"""Reading cases: who sees what, filters, search, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.cases import queries
from backend.cases.queries import Filters
from backend.cases.views import SYSTEM, Actor
from backend.domain.errors import NotFound
from backend.domain.lifecycle import Action, Role, Status
from tests.fixtures.staff import Office

OFFICER = Actor(Role.OFFICER)


async def numbers(office: Office, actor: Actor, filters: Filters = Filters(), **page: int) -> list[str]:
    async with office.database.work() as work:
        found = await queries.list_cases(work, actor, filters, **page)
    return [case.number for case in found.cases]


async def test_everybody_sees_their_own(office: Office) -> None:
    mine, theirs = await office.resident(), await office.resident()
    case, other = await office.case(mine), await office.case(theirs)
    await office.act(case, Action.ACCEPT, OFFICER)
    assigned = await office.act(case, Action.ASSIGN, OFFICER, unit="sifa")
    assert set(await numbers(office, OFFICER)) == {case.number, other.number}
    assert await numbers(office, mine.actor) == [case.number]
    assert await numbers(office, Actor(Role.UNIT, unit_id=assigned.unit_id)) == [case.number]
    assert await numbers(office, Actor(Role.UNIT, unit_id=10**6)) == []
    async with office.database.work() as work:
        assert (await queries.find(work, case.number, mine.actor)).id == case.id
        assert (await queries.find_by_id(work, case.id, SYSTEM)).number == case.number
        for stranger in (theirs.actor, Actor(Role.UNIT, unit_id=10**6)):
            with pytest.raises(NotFound):
                await queries.find(work, case.number, stranger)
            with pytest.raises(NotFound):
                await queries.find_by_id(work, case.id, stranger)
        assert await queries.counts(work, OFFICER) == {Status.RECEIVED: 1, Status.ASSIGNED: 1}
        assert await queries.counts(work, mine.actor) == {Status.ASSIGNED: 1}


async def test_filters(office: Office) -> None:
    leak = await office.case(summary="楼上漏水三次", category="neighbour", place="阳光花园")
    wages = await office.case(
        summary="工资不发", category="labour", needs_review=True, other_party="宏达建筑"
    )
    await office.act(leak, Action.ACCEPT, OFFICER)
    await office.act(leak, Action.ASSIGN, OFFICER, unit="sifa")
    for filters, expected in [
        (Filters(statuses=(Status.RECEIVED,)), [wages]),
        (Filters(statuses=(Status.RECEIVED, Status.ASSIGNED)), [wages, leak]),
        (Filters(statuses=(Status.CLOSED,)), []),
        (Filters(category="labour"), [wages]),
        (Filters(unit="sifa"), [leak]),
        (Filters(needs_review=True), [wages]),
        (Filters(words="漏水"), [leak]),
        (Filters(words="宏达"), [wages]),
        (Filters(words="阳光花园 漏水"), [leak]),
        (Filters(words="阳光花园 工资"), []),
        (Filters(words=wages.number), [wages]),
        (Filters(words=wages.number[-6:]), [wages]),
        (Filters(words="…"), [wages, leak]),
        (Filters(overdue=True), []),
    ]:
        assert set(await numbers(office, OFFICER, filters)) == {case.number for case in expected}, filters


async def test_overdue(office: Office) -> None:
    late, _ = await office.case(), await office.case()
    assert late.due_at is not None
    withdrawn = await office.case()
    await office.act(withdrawn, Action.WITHDRAW, OFFICER, reason="居民要求")
    async with office.database.work() as work:
        work.now = late.due_at + timedelta(minutes=1)
        assert (await queries.list_cases(work, OFFICER, Filters(overdue=True))).total == 2


async def test_what_is_due_first_then_the_newest(office: Office) -> None:
    old, new = await office.case(), await office.case()
    done = await office.case()
    await office.act(done, Action.REFUSE, OFFICER, reason="不归这里管")
    await office.act(old, Action.ACCEPT, OFFICER)
    await office.act(old, Action.ASSIGN, OFFICER, unit="sifa")
    assert await numbers(office, OFFICER) == [new.number, old.number, done.number]
    assert await numbers(office, OFFICER, limit=1) == [new.number]
    assert await numbers(office, OFFICER, limit=1, offset=1) == [old.number]
    assert await numbers(office, OFFICER, offset=3) == []


async def test_a_residents_cases(office: Office) -> None:
    resident = await office.resident()
    done, going = await office.case(resident), await office.case(resident)
    done = await office.act(done, Action.WITHDRAW, resident.actor)
    await office.case()
    async with office.database.work() as work:
        long_ago, just_now = done.updated_at - timedelta(seconds=1), done.updated_at + timedelta(seconds=1)
        assert [c.id for c in await queries.of_resident(work, resident.id, long_ago)] == [going.id, done.id]
        assert [c.id for c in await queries.of_resident(work, resident.id, just_now)] == [going.id]


async def test_one_event(office: Office) -> None:
    officer = await office.person(Role.OFFICER, name="小周")
    case = await office.case()
    actor = Actor(Role.OFFICER, staff_id=officer.member.id)
    await office.act(case, Action.COMMENT, actor, text="先打电话")
    async with office.database.work() as work:
        last = (await queries.history(work, case.id, internal=True))[-1]
        alone = await queries.event(work, last.id)
        assert last.staff_name == "小周"
        assert (alone.notes, alone.action) == (last.notes, Action.COMMENT)
        assert (await queries.history(work, case.id, internal=False))[-1].notes == ()
        with pytest.raises(NotFound):
            await queries.event(work, 10**9)


async def test_one_character_finds_its_case(office: Office) -> None:
    dogs = await office.case(summary="隔壁养了三条狗，整夜叫")
    await office.case(summary="楼上漏水")
    for words in ("狗", "三条狗", "条", "狗 叫"):
        assert await numbers(office, OFFICER, Filters(words=words)) == [dogs.number], words
    assert await numbers(office, OFFICER, Filters(words="条水")) == []


async def test_a_case_is_found_by_its_whole_phone_number_only(office: Office) -> None:
    case = await office.case(reporter_phone="13812345678")
    landline = await office.case(reporter_phone="0571-87654321")
    await office.case(reporter_phone="13812345679")
    told = await office.case(summary="打13912345678没人接")
    for words in ("13812345678", "138 1234 5678", "+86 138-1234-5678", "楼道 13812345678"):
        assert await numbers(office, OFFICER, Filters(words=words)) == [case.number], words
    assert await numbers(office, OFFICER, Filters(words="0571 87654321")) == [landline.number]
    for part in ("138", "1381234567", "5678", "tel"):
        assert await numbers(office, OFFICER, Filters(words=part)) == [], part
    assert await numbers(office, OFFICER, Filters(words="13912345678")) == [told.number]
