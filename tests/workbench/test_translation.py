"""What staff cannot read at once is marked 需要翻译; they see it as it was written."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from backend.conversations import handover, languages
from backend.domain.lifecycle import Role
from backend.domain.scripts import is_chinese, is_foreign, needs_translation
from tests.fixtures.staff import Browser, Office, Resident

Browse = Callable[..., Browser]
STORY = "The lift has been broken for a month"


async def who_speaks(office: Office, language: str) -> Resident:
    resident = await office.resident()
    async with office.database.work() as work:
        await languages.choose(work, resident.id, language)
        await work.commit()
    return resident


async def test_marked_in_the_list_and_on_the_page(office: Office, browse: Browse) -> None:
    english = await office.case(await who_speaks(office, "en"), summary="电梯坏了")
    foreign = await office.case(summary=STORY)
    cyrillic = await office.case(summary="Цахилгаан шат эвдэрсэн")
    plain = await office.case(summary="Wi-Fi坏了")
    browser = browse(await office.person(Role.OFFICER))
    page = (await browser.get("/")).text
    assert page.count('<span class="flag review">需要翻译') == 3
    assert "需要翻译：英文" in page
    narrowed = (await browser.get("/?foreign=1")).text
    for case in (english, foreign, cyrillic):
        assert case.number in narrowed
    assert plain.number not in narrowed
    of_the_page = (await browser.get(f"/cases/{foreign.number}")).text
    assert STORY in of_the_page and "中文（经过是外文）" in of_the_page
    assert "<dd>英文</dd>" in (await browser.get(f"/cases/{english.number}")).text
    assert "需要翻译<" not in (await browser.get(f"/cases/{plain.number}")).text


async def test_marked_in_the_queue_and_in_the_chat(office: Office, browse: Browse) -> None:
    english, chinese = await who_speaks(office, "en"), await office.resident()
    for resident, words in ((english, "您好"), (chinese, "我要找人")):
        await office.hears(resident, words)
        async with office.database.work() as work:
            assert await handover.request(work, resident.conversation_id, "asked")
            await work.commit()
    browser = browse(await office.person(Role.OFFICER))
    assert (await browser.get("/chats")).text.count("需要翻译") == 1
    room = (await browser.get(f"/chats/{english.conversation_id}")).text
    assert "需要翻译：英文" in room and "会注明是中文" in room
    assert "需要翻译" not in (await browser.get(f"/chats/{chinese.conversation_id}")).text
    await office.hears(chinese, STORY)
    room = (await browser.get(f"/chats/{chinese.conversation_id}")).text
    assert STORY in room
    assert "需要翻译 · 居民" in room and "会注明是中文" not in room


async def test_programs_are_told(office: Office, client: httpx.AsyncClient) -> None:
    await office.case(summary="电梯坏了")
    foreign = await office.case(await who_speaks(office, "mn"), summary=STORY)
    officer = await office.person(Role.OFFICER)
    answer = await client.get("/api/cases", params={"needs_translation": True}, headers=officer.bearer)
    (item,) = answer.json()["items"]
    assert (item["number"], item["language"], item["needs_translation"]) == (foreign.number, "mn", True)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("", False), ("110 😀", False), ("漏水", False), ("leak", True), ("WiFi坏", False)],
)
def test_letters(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign
    assert needs_translation("zh_CN", text) is foreign
    assert needs_translation("en", text)
    assert not (is_chinese(text) and foreign)
