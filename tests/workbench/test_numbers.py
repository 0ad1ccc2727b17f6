"""Phone numbers are unreadable in what residents wrote until somebody looks, and each look is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.conversations import alerts, handover, outbox
from backend.conversations.deliveries import mark
from backend.domain.lifecycle import Role
from backend.organisation import reveals
from tests.fixtures.staff import Browser, Clock, Office, Resident

Browse = Callable[..., Browser]
MASKED, PHONE = "138****5678", "13812345678"


async def told_their_number(office: Office) -> Resident:
    resident = await office.resident()
    await office.hears(resident, f"我的电话{PHONE}")
    async with office.database.work() as work:
        await outbox.post(
            work, resident.conversation_id, kind="reply", rendered=f"请核对\n电话：{PHONE}\n1 提交"
        )
        letter = await outbox.post(work, resident.conversation_id, kind="notice", rendered=f"打给{PHONE}")
        assert letter is not None
        await mark(work, letter, "dead", "wechat_unreachable")
        await handover.request(work, resident.conversation_id, "asked")
        await alerts.raise_alert(work, "crisis", resident.conversation_id, codes=["violence"])
        await alerts.raise_alert(work, "phone", resident.conversation_id, codes=["x"], outgoing_id=letter)
        await work.commit()
    return resident


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.ADMIN])
async def test_no_page_shows_a_number_by_itself(office: Office, browse: Browse, role: Role) -> None:
    browser, resident = browse(await office.person(role)), await told_their_number(office)
    case = await office.case(resident)
    talk = f"/chats/{resident.conversation_id}"
    await browser.post(f"{talk}/take")
    for path in (f"/cases/{case.number}", talk, f"{talk}/messages", "/chats", "/alerts", "/dead-letters"):
        page = (await browser.get(path)).text
        assert MASKED in page and PHONE not in page, path


async def test_a_look_is_kept_lasts_a_while_and_is_ones_own(
    office: Office, browse: Browse, clock: Clock
) -> None:
    officer = await office.person(Role.OFFICER, name="小周")
    browser, colleague = browse(officer), browse(await office.person(Role.OFFICER))
    resident = await told_their_number(office)
    case = await office.case(resident)
    talk, path = f"/chats/{resident.conversation_id}", f"/cases/{case.number}"
    back = await browser.post(f"{talk}/numbers")
    assert (back.status_code, back.headers["Location"]) == (303, talk)
    back = await browser.post(f"{talk}/numbers", case=case.number)
    assert back.headers["Location"] == path
    for page in (talk, f"{talk}/messages", path):
        shown = (await browser.get(page)).text
        assert shown.count(PHONE) == 3 and "号码已显示" in shown, page
        assert PHONE not in (await colleague.get(page)).text, page
    assert "电话查看记录（2）" in (await colleague.get(path)).text
    async with office.database.work() as work:
        looks = await reveals.of_case(work, case.id, case.conversation_id)
        assert [(look.staff_name, look.party_id) for look in looks] == [("小周", None)] * 2
        assert await reveals.of_case(work, case.id) == []
    clock.forward(minutes=10, seconds=1)
    assert PHONE not in (await browser.get(talk)).text


async def test_only_the_centre_looks_into_conversations(office: Office, browse: Browse) -> None:
    resident = await told_their_number(office)
    unit = browse(await office.person(Role.UNIT, "sifa"))
    assert (await unit.post(f"/chats/{resident.conversation_id}/numbers")).status_code == 403
    officer = browse(await office.person(Role.OFFICER))
    assert (await officer.post("/chats/999999/numbers")).status_code == 404
    elsewhere = await officer.post(f"/chats/{resident.conversation_id}/numbers", case="/evil.test")
    assert elsewhere.status_code == 422


async def test_without_a_number_there_is_nothing_to_show(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    await office.hears(resident, "打110了")
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert "打110了" in page and "显示号码" not in page


async def test_an_officer_learns_that_words_wait_for_the_resident(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident("wechat")
    async with office.database.work() as work:
        sent = await outbox.post(
            work, resident.conversation_id, kind="chat", literal="您在吗", staff_id=browser.person.member.id
        )
        assert sent is not None
        await mark(work, sent, "held", "next_contact")
        await work.commit()
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert "<em>居民下次发消息时才能看到；急事请打电话</em>" in page
