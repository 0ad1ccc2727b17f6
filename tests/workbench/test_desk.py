"""Alerts, messages that were not delivered, and the staff's accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import text

from backend.conversations import alerts, entry, handover, outbox, stash
from backend.conversations.deliveries import mark
from backend.domain.lifecycle import Role
from backend.organisation import accounts
from tests.fixtures.staff import Browser, Office

Browse = Callable[..., Browser]


async def letter(office: Office, state: str, case_id: int | None = None) -> int:
    resident = await office.resident()
    async with office.database.work() as work:
        made = await outbox.post(
            work, resident.conversation_id, kind="survey", literal="您满意吗？", case_id=case_id
        )
        assert made is not None
        await mark(work, made, state, "wechat_43004_not_following")
        await work.session.execute(text("delete from procrastinate_jobs"))
        await work.commit()
    return made


async def state_of(office: Office, outgoing_id: int) -> tuple[str, str | None]:
    async with office.database.work() as work:
        view = await outbox.lock_outgoing(work, outgoing_id)
    assert view is not None
    return view.state, view.reason


async def test_alerts(office: Office, browse: Browse) -> None:
    officer = await office.person(Role.OFFICER)
    browser, resident = browse(officer), await office.resident()
    case = await office.case(resident)
    async with office.database.work() as work:
        crisis = await alerts.raise_alert(
            work, "crisis", resident.conversation_id, codes=["violence", "minors"]
        )
        await alerts.raise_alert(
            work, "dissatisfied", resident.conversation_id, codes=["rating:2"], case_id=case.id
        )
        await work.commit()
    page = (await browser.get("/alerts")).text
    assert "暴力、未成年人受害" in page and "评分 2 分" in page and case.number in page
    assert re.search(r'data-count="alerts"\s*>2<', page)
    assert (await browser.post(f"/alerts/{crisis}/done")).headers["Location"] == "/alerts"
    assert "未成年人" not in (await browser.get("/alerts")).text
    assert (await browse(await office.person(Role.OFFICER)).post(f"/alerts/{crisis}/done")).status_code == 303
    async with office.database.work() as work:
        done_by = await work.session.scalar(text("select done_by from alerts where id = :id"), {"id": crisis})
    assert done_by == officer.member.id
    assert (await browser.post("/alerts/99999999999999999999/done")).status_code == 303


@pytest.mark.parametrize("state", ["dead", "unknown"])
@pytest.mark.parametrize(
    ("decision", "after"),
    [
        ("resend", ("queued", "resent_by_staff")),
        ("drop", ("dropped", "dropped_by_staff")),
        ("phone", ("dropped", "phone_task")),
    ],
)
async def test_what_was_not_delivered(
    office: Office, browse: Browse, state: str, decision: str, after: tuple[str, str]
) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await office.case()
    found = await letter(office, state, case.id)
    page = (await browser.get("/dead-letters")).text
    assert "您满意吗？" in page and case.number in page and "居民没有关注公众号" in page
    for _ in range(2):
        answer = await browser.post(f"/dead-letters/{found}/{decision}")
        assert answer.headers["Location"] == "/dead-letters"
    assert await state_of(office, found) == after
    assert "没有需要处理的" in (await browser.get("/dead-letters")).text
    async with office.database.work() as work:
        jobs = await work.session.scalar(text("select count(*) from procrastinate_jobs"))
        raised = await alerts.open_alerts(work)
    assert jobs == (1 if decision == "resend" else 0)
    assert [(a.kind, a.outgoing_id, a.case_id) for a in raised] == (
        [("phone", found, case.id)] if decision == "phone" else []
    )


async def test_what_waits_for_the_next_contact_is_told(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    assert "等居民下次发消息" not in (await browser.get("/dead-letters")).text
    for state, reason in (("held", "next_contact"), ("held", "quiet_hours"), ("sent", "next_contact")):
        found = await letter(office, "sent")
        async with office.database.work() as work:
            await mark(work, found, state, reason)
            await work.commit()
    page = (await browser.get("/dead-letters")).text
    assert "没有需要处理的。" in page and "另有1条消息现在发不出去，等居民下次发消息时才能看到" in page
    await letter(office, "dead")
    page = (await browser.get("/dead-letters")).text
    assert "没有需要处理的" not in page and "另有1条消息" in page


async def test_a_message_that_is_on_its_way_is_left_alone(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    found = await letter(office, "sent")
    for decision in ("resend", "drop", "phone"):
        assert (await browser.post(f"/dead-letters/{found}/{decision}")).status_code == 303
    assert (await state_of(office, found))[0] == "sent"
    async with office.database.work() as work:
        assert await alerts.open_alerts(work) == []
    assert (await browser.post("/dead-letters/999999/drop")).status_code == 404
    assert (await browser.post(f"/dead-letters/{found}/burn")).status_code == 422


async def stuck_message(office: Office, message_id: str) -> int:
    resident = await office.resident()
    async with office.database.work() as work:
        sender = await entry.address_of(work, resident.conversation_id)
        words = {"kind": "text", "text": "楼上漏水，我的电话是13800138000", "attachments": []}
        await stash.put(work, sender, message_id, words)
        await work.session.execute(text("update stashed_messages set tries = 5, given_up_at = now()"))
        await alerts.raise_alert(work, alerts.STUCK, resident.conversation_id)
        await work.commit()
        return await work.session.scalar(text("select max(id) from stashed_messages")) or 0


@pytest.mark.parametrize("remedy", ["again", "seen"])
async def test_what_could_not_be_worked_on(office: Office, browse: Browse, remedy: str) -> None:
    browser = browse(await office.person(Role.OFFICER))
    found = await stuck_message(office, "m1")
    page = (await browser.get("/alerts")).text
    assert "来信未处理" in page and 'href="/dead-letters"' in page
    page = (await browser.get("/dead-letters")).text
    assert "楼上漏水" in page and "试了5次" in page and "13800138000" not in page
    assert "没有需要处理的" not in page
    assert re.search(r'data-count="dead_letters"\s*>1<', page)
    for _ in range(2):
        answer = await browser.post(f"/stuck-messages/{found}/{remedy}")
        assert answer.headers["Location"] == "/dead-letters"
    assert "没有需要处理的" in (await browser.get("/dead-letters")).text
    async with office.database.work() as work:
        assert await alerts.open_alerts(work) == []
        due = await work.session.scalar(
            text("select count(*) from stashed_messages where given_up_at is null")
        )
        kept = await work.session.scalar(
            text("select count(*) from incoming_messages where message_id = 'm1'")
        )
    assert (due, kept) == ((1, 0) if remedy == "again" else (0, 1))
    assert (await browser.post(f"/stuck-messages/{found}/burn")).status_code == 422


async def test_who_could_not_be_heard_is_talked_to(office: Office, browse: Browse) -> None:
    officer = await office.person(Role.OFFICER)
    browser = browse(officer)
    found = await stuck_message(office, "m1")
    answer = await browser.post(f"/stuck-messages/{found}/answer")
    page = (await browser.get(answer.headers["Location"])).text
    assert "您正在接待" in page and "楼上漏水" in page
    async with office.database.work() as work:
        (chat,) = await handover.chats(work)
    assert (chat.reason, chat.officer_id) == ("stuck", officer.member.id)
    again = await browse(await office.person(Role.OFFICER)).post(f"/stuck-messages/{found}/answer")
    assert again.headers["Location"] == "/dead-letters", "a colleague did"


async def test_new_staff(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.ADMIN))
    fields = {"username": "Zhang.Gong", "name": "张工", "role": "unit", "unit": "zhujian"}
    made = await browser.post("/staff", **fields)
    assert made.status_code == 200
    shown = re.search(r"zhang\.gong 的一次性密码：<code>([^<]+)</code>", made.text)
    assert shown is not None
    assert shown[1] not in (await browser.get("/staff")).text
    async with office.database.work() as work:
        member = await accounts.authenticate(work, "zhang.gong", shown[1])
    assert member is not None and member.unit_name == "住建局"
    for wrong, words in (
        ({}, "这个用户名已经有人用"),
        ({"username": "b2", "role": "resident"}, "请选择角色"),
        ({"username": "b2", "role": "system"}, "请选择角色"),
        ({"username": "b2", "unit": "nowhere"}, "请选择单位"),
        ({"username": "b2", "unit": "centre"}, "承办单位的人员请选择本单位"),
        ({"username": "b2", "role": "officer"}, "属于综治中心"),
        ({"username": "x"}, "没有办成"),
        ({"username": "有 空格"}, "没有办成"),
        ({"username": "b2", "name": ""}, "没有办成"),
        ({"username": "b2", "role": "king"}, "没有办成"),
    ):
        refused = await browser.post("/staff", **(fields | wrong))
        assert refused.status_code == 422, wrong
        assert words in refused.text, wrong


async def test_reset_and_deactivate(office: Office, browse: Browse) -> None:
    admin, officer = await office.person(Role.ADMIN), await office.person(Role.OFFICER)
    browser = browse(admin)
    reset = await browser.post(f"/staff/{officer.member.id}/password")
    shown = re.search(r"<code>([^<]+)</code>", reset.text)
    assert shown is not None
    assert (await browse(officer).get("/")).headers["Location"] == "/login"
    async with office.database.work() as work:
        assert await accounts.authenticate(work, officer.member.username, shown[1]) is not None
    assert (await browser.post(f"/staff/{officer.member.id}/active", on="false")).status_code == 303
    async with office.database.work() as work:
        assert await accounts.authenticate(work, officer.member.username, shown[1]) is None
    assert "已停用" in (await browser.get("/staff")).text
    await browser.post(f"/staff/{officer.member.id}/active", on="true")
    async with office.database.work() as work:
        assert await accounts.authenticate(work, officer.member.username, shown[1]) is not None
    own = await browser.post(f"/staff/{admin.member.id}/active", on="false")
    assert (own.status_code, "不能停用自己" in own.text) == (422, True)
    own = await browser.post(f"/staff/{admin.member.id}/password")
    assert (own.status_code, "自己的密码" in unescape(own.text)) == (422, True)
    for form, fields in (("password", {}), ("active", {"on": "false"})):
        assert (await browser.post(f"/staff/999999/{form}", **fields)).status_code == 404


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT, Role.SUPERVISOR])
async def test_accounts_are_for_administrators(office: Office, browse: Browse, role: Role) -> None:
    browser, other = browse(await office.person(role)), await office.person(Role.OFFICER)
    forms = {
        "/staff": {"username": "evil", "name": "x", "role": "admin"},
        f"/staff/{other.member.id}/password": {},
        f"/staff/{other.member.id}/active": {"on": "false"},
    }
    for path, fields in forms.items():
        assert (await browser.post(path, **fields)).status_code == 403
    async with office.database.work() as work:
        staff = await accounts.list_staff(work)
    assert "evil" not in {member.username for member in staff}
    assert all(member.active for member in staff)


async def test_a_call_and_its_message_go_together(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))

    async def letter_with_call() -> tuple[int, int]:
        found = await letter(office, "dead")
        async with office.database.work() as work:
            view = await outbox.lock_outgoing(work, found)
            assert view is not None
            call = await alerts.raise_alert(
                work, "phone", view.conversation_id, codes=["wechat_43019_blocked_by_user"], outgoing_id=found
            )
            await work.commit()
        return found, call

    async def calls() -> list[int | None]:
        async with office.database.work() as work:
            return [alert.outgoing_id for alert in await alerts.open_alerts(work)]

    called, call = await letter_with_call()
    assert "居民屏蔽了我们" in (await browser.get("/alerts")).text
    await browser.post(f"/alerts/{call}/done")
    assert (await state_of(office, called), await calls()) == (("dropped", "phone_task"), [])
    for decision, left in (("resend", []), ("drop", [])):
        found, _ = await letter_with_call()
        await browser.post(f"/dead-letters/{found}/{decision}")
        assert await calls() == left
    found, _ = await letter_with_call()
    await browser.post(f"/dead-letters/{found}/phone")
    assert await calls() == [found]
