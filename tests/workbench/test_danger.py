"""Who is in danger stands first and is marked; an alert shows the words behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from backend.conversations import alerts, handover
from backend.domain.lifecycle import Role
from backend.workbench.wording import CRISES
from nlu.safety import KINDS
from tests.fixtures.staff import Browser, Office, Resident

Browse = Callable[..., Browser]


async def called(office: Office, words: str, reason: str = "asked", *crises: str) -> Resident:
    """A resident who waits for a person; with kinds of crisis, an alert tells of them."""
    resident = await office.resident("wechat")
    await office.hears(resident, words)
    async with office.database.work() as work:
        if crises:
            await alerts.raise_alert(work, "crisis", resident.conversation_id, codes=crises)
        assert await handover.request(work, resident.conversation_id, reason)
        await work.commit()
    return resident


def rows(page: str) -> list[str]:
    """The rows of a list, as text without tags."""
    found = re.findall(r'<div class="panel item(.*?)</form>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", row))) for row in found]


async def test_danger_comes_first_in_the_queue_and_says_its_kind(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    await called(office, "要找人问物业费")
    said_before = await called(office, "活着没意思", "asked", "self_harm")
    await called(office, "他又打我和孩子", "crisis", "domestic_violence", "minors")
    first, second, last = rows((await browser.get("/chats")).text)
    assert "危急：自伤风险" in first and "活着没意思" in first
    assert "危急：家庭暴力、未成年人受害" in second
    assert "危急" not in last and "要找人问物业费" in last
    async with office.database.work() as work:
        for alert in await alerts.open_alerts(work):
            await alerts.finish_alert(work, alert.id, browser.person.member.id)
        await work.commit()
    first, _, last = rows((await browser.get("/chats")).text)
    assert "危急" in first and "危急情况" in first, "the reason for the call stays"
    await browser.post(f"/chats/{said_before.conversation_id}/take")


async def test_danger_is_marked_in_the_chat_itself(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await called(office, "活着没意思", "asked", "self_harm")
    calm = await called(office, "问个事")
    for path in (f"/chats/{resident.conversation_id}", f"/chats/{resident.conversation_id}/messages"):
        assert "危急：自伤风险" in (await browser.get(path)).text
    assert "危急" not in (await browser.get(f"/chats/{calm.conversation_id}")).text


async def test_an_alert_quotes_the_words_that_raised_it(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    first = await called(office, "他拿刀砍门", "crisis", "violence")
    other = await office.resident()
    await office.hears(other, "提交")
    case = await office.case(other, summary="楼上漏水，电话13812345678")
    async with office.database.work() as work:
        await alerts.raise_alert(
            work, "dissatisfied", other.conversation_id, codes=["rating:1"], case_id=case.id
        )
        await work.commit()
    await office.hears(first, "后来又说的话")
    crisis, poor = rows((await browser.get("/alerts")).text)
    assert "危急：暴力" in crisis and "“他拿刀砍门”" in crisis and "后来又说的话" not in crisis
    assert f"微信居民（{first.conversation_id}号对话）" in crisis and "接待" in crisis
    assert "评分 1 分" in poor and "网页居民" in poor and "接待" not in poor
    assert "楼上漏水，电话138****5678" in poor and "提交" not in poor
    taken = await browser.post(f"/chats/{first.conversation_id}/take")
    assert taken.headers["Location"] == f"/chats/{first.conversation_id}"
    assert "接待" not in rows((await browser.get("/alerts")).text)[0]


async def test_a_tap_or_a_later_word_does_not_hide_what_was_said(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident("wechat")
    for words in ("老公喝了酒就动手", "1"):
        await office.hears(resident, words)
    async with office.database.work() as work:
        await alerts.raise_alert(work, "crisis", resident.conversation_id, codes=("domestic_violence",))
        assert await handover.request(work, resident.conversation_id, "crisis")
        await work.commit()
    await office.hears(resident, "在吗")
    for path in ("/alerts", "/chats"):
        row = rows((await browser.get(path)).text)[0]
        assert "“老公喝了酒就动手”" in row, path
    assert "在吗" in rows((await browser.get("/chats")).text)[0]


async def test_an_urged_case_is_told_once_until_somebody_saw_to_it(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    await office.hears(resident, "催办")
    case, other = await office.case(resident), await office.case(resident)

    async def urge(case_id: int) -> int:
        async with office.database.work() as work:
            found = await alerts.raise_alert(work, "urged", resident.conversation_id, case_id=case_id)
            await work.commit()
        return found

    told = await urge(case.id)
    assert await urge(case.id) == told
    assert await urge(other.id) != told
    page = (await browser.get("/alerts")).text
    assert page.count("居民催办") == 2 and case.number in page and other.number in page
    await browser.post(f"/alerts/{told}/done")
    assert await urge(case.id) != told


def test_staff_have_a_word_for_every_kind_of_danger() -> None:
    assert set(CRISES) == set(KINDS)
