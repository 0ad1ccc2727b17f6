"""Accounts: the first administrator, passwords, who may come in."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from sqlalchemy import select

from backend.domain.errors import BadValue
from backend.domain.lifecycle import Role
from backend.organisation import accounts
from backend.organisation.accounts import Member, UsernameTaken, WrongUnit, canonical
from backend.organisation.passwords import WeakPassword, check_strength, one_time_password
from backend.organisation.sessions import end_session, find_session, open_session, sign_of_life
from backend.organisation.tables import StaffRow, StaffSessionRow
from tests.fixtures.staff import PASSWORD, Clock, Office, Person


async def log_in(office: Office, username: str, password: str) -> Member | None:
    async with office.database.work() as work:
        return await accounts.authenticate(work, username, password)


async def ensure_admin(office: Office, password: str | None) -> str | None:
    async with office.database.work() as work:
        made = await accounts.ensure_admin(work, password)
        await work.commit()
    return made


async def still_in(office: Office, person: Person) -> bool:
    async with office.database.work() as work:
        return await find_session(work, person.session.token) is not None


async def test_the_first_administrator_gets_a_one_time_password(office: Office) -> None:
    password = await ensure_admin(office, None)
    assert password is not None and len(password) == 19
    admin = await log_in(office, "admin", password)
    assert admin is not None
    assert (admin.role, admin.must_change_password, admin.unit_code) == (Role.ADMIN, True, "centre")
    assert await ensure_admin(office, None) is None
    assert await ensure_admin(office, "another password") is None
    assert await log_in(office, "admin", password) is not None


async def test_a_given_password_is_taken(office: Office) -> None:
    assert await ensure_admin(office, PASSWORD) is None
    admin = await log_in(office, " ＡＤＭＩＮ ", PASSWORD)
    assert admin is not None and not admin.must_change_password


@pytest.mark.parametrize("weak", ["short", "admin", "1234567890", "Password123", "a" * 201])
async def test_a_given_password_is_none_that_staff_may_not_have(office: Office, weak: str) -> None:
    with pytest.raises(WeakPassword):
        await ensure_admin(office, weak)
    assert await log_in(office, "admin", weak) is None
    assert await ensure_admin(office, PASSWORD) is None
    assert await ensure_admin(office, weak) is None, "it is read no more"
    assert await log_in(office, "admin", PASSWORD) is not None


async def test_two_starts_at_once_make_one_administrator(office: Office) -> None:
    made = await asyncio.gather(*(ensure_admin(office, None) for _ in range(3)))
    assert sum(password is not None for password in made) == 1


async def test_only_a_hash_is_kept(office: Office) -> None:
    password = await ensure_admin(office, None)
    async with office.database.work() as work:
        kept = await work.session.scalar(select(StaffRow.password_hash))
    assert kept is not None and kept.startswith("$argon2id$")
    assert password is not None and password not in kept


@pytest.mark.parametrize("password", ["", "wrong", "\0", "\ud800", "口令" * 5000])
async def test_wrong_passwords(office: Office, password: str) -> None:
    await ensure_admin(office, "the right password")
    assert await log_in(office, "admin", password) is None
    assert await log_in(office, password, password) is None


async def test_an_unknown_user_takes_as_long_as_a_wrong_password(office: Office) -> None:
    await ensure_admin(office, "the right password")

    async def seconds(username: str) -> float:
        started = time.perf_counter()
        await log_in(office, username, "wrong")
        return time.perf_counter() - started

    await seconds("nobody")
    known = [await seconds("admin") for _ in range(5)]
    unknown = [await seconds("nobody") for _ in range(5)]
    assert statistics.median(unknown) > statistics.median(known) / 2


async def test_new_staff(office: Office) -> None:
    async with office.database.work() as work:
        staff_id, password = await accounts.create(
            work, username="Zhang.Gong", name=" 张工 ", role=Role.UNIT, unit="zhujian"
        )
        await work.commit()
    member = await log_in(office, "zhang.gong", password)
    assert member is not None
    assert (member.id, member.name, member.unit_name) == (staff_id, "张工", "住建局")
    assert member.must_change_password and not member.of_centre
    async with office.database.work() as work:
        with pytest.raises(UsernameTaken):
            await accounts.create(work, username="ZHANG.gong", name="x", role=Role.OFFICER, unit="centre")
        with pytest.raises(BadValue):
            await accounts.create(work, username="b", name="x", role=Role.UNIT, unit="nowhere")
        for role, unit in ((Role.UNIT, "centre"), (Role.OFFICER, "sifa"), (Role.ADMIN, "sifa")):
            with pytest.raises(WrongUnit):
                await accounts.create(work, username="c", name="x", role=role, unit=unit)
        assert [m.username for m in await accounts.list_staff(work)] == ["zhang.gong"]


COMMON = (
    "1234567890",
    "0987654321",
    "QWERTYUIOP",
    "1qaz2wsx3edc",
    "1111111111",
    "1212121212",
    "abcdefghij",
    "woaini1314520",
    "Password123",
    "wangxiaowangxiao",
)


@pytest.mark.parametrize(
    "fine", ["correct horse battery", "枫桥综治中心八号楼二层", "tqm7-zk4w-p2", "12345 67890 上山"]
)
def test_a_password_that_nobody_tries_first(fine: str) -> None:
    check_strength(fine, "li")


async def test_changing_ones_password_ends_every_session(office: Office) -> None:
    async with office.database.work() as work:
        staff_id, first = await accounts.create(
            work, username="li", name="李", role=Role.OFFICER, unit="centre"
        )
        session = await open_session(work, staff_id)
        await work.commit()
    member = await log_in(office, "li", first)
    assert member is not None
    async with office.database.work() as work:
        for weak in ("short", "li", "x" * 201, *COMMON):
            with pytest.raises(WeakPassword):
                await accounts.change_password(work, member, first, weak)
        assert not await accounts.change_password(work, member, "wrong", "a new long password")
        assert await accounts.change_password(work, member, first, "a new long password")
        await work.commit()
        assert await find_session(work, session.token) is None
    assert await log_in(office, "li", first) is None
    after = await log_in(office, "li", "a new long password")
    assert after is not None and not after.must_change_password


async def test_a_reset_is_one_time_and_ends_every_session(office: Office) -> None:
    person = await office.person(Role.OFFICER)
    async with office.database.work() as work:
        password = await accounts.reset_password(work, person.member.id)
        assert await accounts.reset_password(work, 10**6) is None
        await work.commit()
    assert password is not None
    member = await log_in(office, person.member.username, password)
    assert member is not None and member.must_change_password
    assert not await still_in(office, person)


async def test_whoever_leaves_is_out_at_once(office: Office) -> None:
    person, colleague = await office.person(Role.OFFICER), await office.person(Role.OFFICER)
    async with office.database.work() as work:
        assert await accounts.set_active(work, person.member.id, False)
        assert not await accounts.set_active(work, 10**6, False)
        await work.commit()
    assert not await still_in(office, person)
    assert await still_in(office, colleague)
    async with office.database.work() as work:
        session = await open_session(work, person.member.id)
        assert await find_session(work, session.token) is None
        await accounts.set_active(work, person.member.id, True)
        assert await find_session(work, session.token) is not None


async def test_sessions(office: Office, clock: Clock) -> None:
    person = await office.person(Role.OFFICER)
    office.database.clock = clock
    async with office.database.work() as work:
        kept = (await work.session.scalars(select(StaffSessionRow.token_hash))).all()
        assert person.session.token not in kept
        found = await find_session(work, person.session.token)
        assert found is not None and found.csrf == person.session.csrf
        for wrong in ("", "x", found.key, "\ud800"):
            assert await find_session(work, wrong) is None
        assert await sign_of_life(work, found.key)
        await work.commit()
    clock.forward(hours=12, seconds=1)
    async with office.database.work() as work:
        assert await find_session(work, person.session.token) is None
        assert not await sign_of_life(work, found.key)
        fresh = await open_session(work, person.member.id)
        await work.commit()
        assert (await work.session.scalars(select(StaffSessionRow.csrf))).all() == [fresh.csrf]
        await end_session(work, fresh.token)
        assert await find_session(work, fresh.token) is None


async def test_presence(office: Office) -> None:
    from backend.conversations.handover import anyone_on_duty

    person = await office.person(Role.OFFICER)
    unit = await office.person(Role.UNIT, "sifa")
    async with office.database.work() as work:
        assert not await anyone_on_duty(work)
        here = await find_session(work, unit.session.token)
        assert here is not None and await sign_of_life(work, here.key)
        assert not await anyone_on_duty(work)
        here = await find_session(work, person.session.token)
        assert here is not None and await sign_of_life(work, here.key)
        assert await anyone_on_duty(work)
        await accounts.set_on_duty(work, person.member.id, False)
        assert not await anyone_on_duty(work)


def test_one_time_passwords_are_readable_and_differ() -> None:
    passwords = {one_time_password() for _ in range(50)}
    assert len(passwords) == 50
    assert not set("".join(passwords)) & set("lo01")


def test_user_names_have_one_form() -> None:
    assert canonical(" Ａdmin\0\ud800 ") == "admin"
