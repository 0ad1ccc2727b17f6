"""Seed, rule versions, units and the log of reveals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.dialects.postgresql import insert

from backend.db.database import Database
from backend.db.migrate import migrate
from backend.domain.errors import BadValue
from backend.domain.lifecycle import Role
from backend.domain.rules import OTHER
from backend.organisation import reveals
from backend.organisation.reveals import masked_phone
from backend.organisation.rules import RuleBook
from backend.organisation.seed import seed
from backend.organisation.tables import RuleVersionRow
from backend.organisation.units import list_units, unit_by_code
from tests.fixtures.staff import TIMES, Office


async def test_one_centre_six_units_and_a_route_for_each_category(office: Office) -> None:
    async with office.database.work() as work:
        await seed(work)
        units = await list_units(work)
    assert [unit.is_centre for unit in units] == [True] + [False] * 6
    rules = await office.rules()
    assert [c.name for c in rules.categories] == ["物业", "劳资", "家事", "邻里", "其他"]
    assert {c.unit for c in rules.categories} <= {unit.code for unit in units}
    assert rules.category(OTHER).name == "其他"
    assert rules.follow_up_after == timedelta(days=1)


async def test_units_by_code(office: Office) -> None:
    async with office.database.work() as work:
        assert (await unit_by_code(work, "sifa")).name == "司法所"
        with pytest.raises(BadValue):
            await unit_by_code(work, "nowhere")


async def test_an_edit_reaches_everybody_within_five_seconds(office: Office) -> None:
    book = RuleBook(TIMES)
    async with office.database.work() as work:
        first = await book.current(work)
        document = {
            "accept_days": 2,
            "assign_days": 1,
            "categories": [{"code": "other", "name": "其他", "unit": "jiedao", "handling_days": 3}],
            "calendar": {"2026-10-10": True},
        }
        await work.session.execute(
            insert(RuleVersionRow).values(version=2, document=document, created_at=work.now)
        )
        assert await book.current(work) is first
        work.now += timedelta(seconds=5)
        second = await book.current(work)
    assert (first.version, second.version, second.accept_days) == (1, 2, 2)
    assert second.calendar.is_working_day(date(2026, 10, 10))


async def test_without_a_seed_it_says_so(empty_database_url: str) -> None:
    migrate(empty_database_url)
    database = Database(empty_database_url)
    async with database.work() as work:
        with pytest.raises(LookupError, match="seed"):
            await RuleBook(TIMES).current(work)
    await database.close()


async def test_each_look_at_a_phone_is_kept(office: Office) -> None:
    person = await office.person(Role.OFFICER, name="小周")
    async with office.database.work() as work:
        for party_id in (5, 6):
            await reveals.log_reveal(work, person.member.id, 1, party_id)
        await work.commit()
        looks = await reveals.of_case(work, 1)
    assert [(look.staff_name, look.party_id) for look in looks] == [("小周", 6), ("小周", 5)]
    assert {look.what for look in looks} == {"party"}


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("05758123456", "057****3456"),
        ("1234567", "1234567"[:3] + "4567"),
        ("110", "*10"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_masks(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked
