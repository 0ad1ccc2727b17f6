"""What staff cannot read is marked 需要翻译 and stays as it is; the bot's sentences they read in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from markupsafe import escape

from backend.conversations import handover, languages, outbox, timeline
from backend.conversations.deliveries import mark
from backend.domain.lifecycle import Role
from backend.domain.scripts import is_chinese, is_foreign, needs_translation
from dialogs import texts
from dialogs.messages import Choice
from handlers.rendering import stored_choice
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


REVIEW = [
    ("complaint.check", {}),
    ("complaint.check_category", {"category": "物业"}),
    ("complaint.check_story", {"story": STORY}),
    ("complaint.check_phone", {"phone": "13812345678"}),
]
SUBMIT = (Choice("submit", "choice.submit"), Choice("cancel", "choice.cancel"))


async def bot_says(
    office: Office,
    resident: Resident,
    parts: list[tuple[str, dict[str, str]]],
    choices: tuple[Choice, ...] = (),
    *,
    language: str = "en",
    listed: bool = True,
    rendered: str | None = None,
    pushed: bool = False,
) -> str:
    """What the resident reads of it."""
    words = rendered or texts.render(parts, choices, listed, language=language)
    async with office.database.work() as work:
        await outbox.post(
            work,
            resident.conversation_id,
            kind="reply",
            parts=parts,
            choices=[stored_choice(choice) for choice in choices],
            language=language,
            rendered=None if pushed else words,
        )
        await work.commit()
    return words


async def test_the_bots_sentences_in_chinese_and_what_was_sent_beside(office: Office, browse: Browse) -> None:
    english = await who_speaks(office, "en")
    case = await office.case(english, summary=STORY)
    await office.hears(english, STORY)
    sent = await bot_says(office, english, REVIEW, SUBMIT)
    assert "Phone: 13812345678" in sent and sent.endswith("\n2 Cancel")
    browser = browse(await office.person(Role.OFFICER))
    for path in (f"/chats/{english.conversation_id}", f"/cases/{case.number}"):
        page = (await browser.get(path)).text
        assert f"请核对：\n类别：物业\n经过：{STORY}\n电话：138****5678\n1 提交\n2 取消</p>" in page
        [beside] = re.findall(r'<details class="sent".*?</details>', page, re.DOTALL)
        assert ">英文原文</summary>" in beside and 'lang="en"' in beside
        assert "About: property" in beside
        assert "138****5678" in beside and beside.count("13812345678") == 0
        assert page.count("Please check:") == 1 and page.count(f"<p>{STORY}</p>") == 1
    await browser.post(f"/chats/{english.conversation_id}/numbers")
    page = (await browser.get(f"/chats/{english.conversation_id}/messages")).text
    assert page.count("13812345678") == 2, "in Chinese and as it was sent"


async def test_a_letter_that_did_not_arrive_is_in_chinese_too(office: Office, browse: Browse) -> None:
    english = await who_speaks(office, "en")
    await bot_says(office, english, REVIEW, SUBMIT)
    async with office.database.work() as work:
        (letter,) = (await timeline.read(work, english.conversation_id)).outgoing
        await mark(work, letter.id, "dead", "blocked")
        await work.commit()
    page = (await browse(await office.person(Role.OFFICER)).get("/dead-letters")).text
    assert "请核对：" in page and "居民用英文" in page and "Please check" not in page
    assert "13812345678" not in page


@pytest.mark.parametrize(
    ("language", "key", "understood", "not_said"),
    [
        ("en", "language.chosen", "好的，接下来用英文。", "用中文。"),
        ("mn", "language.chosen", "好的，接下来用蒙古文。", "用中文。"),
        ("en", "language.guessed", "遇到危险请马上打110报警。想用中文，请回复“中文”。", "英文。"),
        ("mn", "language.guessed", "遇到危险请马上打110报警。想用中文，请回复“中文”。", "蒙古文。"),
    ],
)
async def test_what_speaks_of_its_own_language_says_what_was_said(
    office: Office, browse: Browse, language: str, key: str, understood: str, not_said: str
) -> None:
    resident = await who_speaks(office, language)
    sent = await bot_says(office, resident, [(key, {"name": "中文"})], language=language)
    browser = browse(await office.person(Role.OFFICER))
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert f"<p>{understood}" in page and not_said not in page
    assert escape(sent) in page


async def test_choices_are_listed_where_the_resident_read_them_as_lines(
    office: Office, browse: Browse
) -> None:
    english = await who_speaks(office, "en")
    question = [("complaint.confirm_category", {"category": "物业"})]
    await bot_says(office, english, question, (Choice("yes", "choice.yes"),), listed=False)
    browser = browse(await office.person(Role.OFFICER))
    page = (await browser.get(f"/chats/{english.conversation_id}")).text
    assert "<p>您反映的是【物业】方面的问题，对吗？</p>" in page


async def test_choices_beside_a_question_are_small_below_it(office: Office, browse: Browse) -> None:
    """A typed “1” says nothing without them; where the words list them they are not said twice."""
    question = [("complaint.confirm_category", {"category": "物业"})]
    choices = (Choice("yes", "choice.yes"), Choice("no", "choice.no"))
    browser = browse(await office.person(Role.OFFICER))
    for language in ("zh_CN", "en"):
        for listed in (False, True):
            resident = await who_speaks(office, language)
            await bot_says(office, resident, question, choices, language=language, listed=listed)
            page = (await browser.get(f"/chats/{resident.conversation_id}")).text
            below = re.findall(r'<ul class="offered.*?</ul>', page)
            assert [re.findall("<li>(.*?)</li>", one) for one in below] == (
                [] if listed else [["1 对", "2 不对"]]
            ), (language, listed)
            assert page.count("1 对") == 1


async def test_a_number_in_a_choice_is_masked(office: Office, browse: Browse) -> None:
    resident = await who_speaks(office, "zh_CN")
    number = Choice("a", "choice.yes", literal="用13812345678")
    await bot_says(
        office,
        resident,
        [("complaint.confirm_category", {"category": "物业"})],
        (number,),
        language="zh_CN",
        listed=False,
    )
    page = (await browse(await office.person(Role.OFFICER)).get(f"/chats/{resident.conversation_id}")).text
    assert "<li>1 用138****5678</li>" in page and "13812345678" not in page


async def test_what_a_person_wrote_stays_as_it_is(office: Office, browse: Browse) -> None:
    english, officer = await who_speaks(office, "en"), await office.person(Role.OFFICER)
    async with office.database.work() as work:
        words = {"literal": "We come tomorrow", "staff_id": officer.member.id, "language": "en"}
        await outbox.post(work, english.conversation_id, kind="chat", **words)
        await work.commit()
    page = (await browse(officer).get(f"/chats/{english.conversation_id}")).text
    assert "<p>We come tomorrow</p>" in page and 'class="sent"' not in page


async def test_what_waits_to_be_sent_is_in_chinese_too(office: Office, browse: Browse) -> None:
    english = await who_speaks(office, "en")
    await bot_says(office, english, REVIEW, SUBMIT, pushed=True)
    browser = browse(await office.person(Role.OFFICER))
    page = (await browser.get(f"/chats/{english.conversation_id}")).text
    assert "请核对：" in page and "将以英文发出" in page and '<details class="sent"' not in page


async def test_what_cannot_be_said_in_chinese_is_shown_as_it_was_sent(office: Office, browse: Browse) -> None:
    english, mongolian = await who_speaks(office, "en"), await who_speaks(office, "mn")
    await bot_says(office, english, [("of.an_older_version", {})], rendered="Good morning")
    lacking = "complaint.not_registered"
    assert lacking in texts.sentences("zh_CN") and lacking not in texts.sentences("mn")
    chinese = await bot_says(office, mongolian, [(lacking, {})], language="mn")
    browser = browse(await office.person(Role.OFFICER))
    for resident, words in ((english, "Good morning"), (mongolian, chinese)):
        page = (await browser.get(f"/chats/{resident.conversation_id}")).text
        assert f"<p>{words}</p>" in page and 'class="sent"' not in page


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("", False), ("110 😀", False), ("漏水", False), ("leak", True), ("WiFi坏", False)],
)
def test_letters(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign
    assert needs_translation("zh_CN", text) is foreign
    assert needs_translation("en", text)
    assert not (is_chinese(text) and foreign)
