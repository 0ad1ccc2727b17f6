"""Phone numbers are unreadable in what residents wrote until somebody looks, and each look is kept."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from backend.cases.views import Actor, CaseView
from backend.conversations import alerts, handover, outbox
from backend.conversations.deliveries import mark
from backend.domain.lifecycle import Action, Role
from backend.organisation import reveals
from tests.fixtures.staff import Browser, Clock, Office, Resident

Browse = Callable[..., Browser]
MASKED, PHONE = "138****5678", "13812345678"
CARD, CARD_MASKED = "11010519491231002X", "1101**********002X"
MISTYPED, MISTYPED_MASKED = "110105194912310021", "1101**********0021"
BANK_CARD, BANK_CARD_MASKED = "6222021234567890128", "6222***********0128"


async def told_their_number(office: Office, number: str = PHONE) -> Resident:
    resident = await office.resident()
    await office.hears(resident, f"我的号码{number}")
    async with office.database.work() as work:
        await outbox.post(
            work, resident.conversation_id, kind="reply", rendered=f"请核对\n号码：{number}\n1 提交"
        )
        letter = await outbox.post(work, resident.conversation_id, kind="notice", rendered=f"打给{number}")
        assert letter is not None
        await mark(work, letter, "dead", "wechat_unreachable")
        await handover.request(work, resident.conversation_id, "asked")
        await alerts.raise_alert(work, "crisis", resident.conversation_id, codes=["violence"])
        await alerts.raise_alert(work, "phone", resident.conversation_id, codes=["x"], outgoing_id=letter)
        await work.commit()
    return resident


@pytest.mark.parametrize(("number", "hidden"), [(PHONE, MASKED), (CARD, CARD_MASKED)])
@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.ADMIN])
async def test_no_page_shows_a_number_by_itself(
    office: Office, browse: Browse, role: Role, number: str, hidden: str
) -> None:
    browser, resident = browse(await office.person(role)), await told_their_number(office, number)
    case = await office.case(resident)
    talk = f"/chats/{resident.conversation_id}"
    await browser.post(f"{talk}/take")
    for path in (f"/cases/{case.number}", talk, f"{talk}/messages", "/chats", "/alerts", "/dead-letters"):
        page = (await browser.get(path)).text
        assert hidden in page and number not in page, path


@pytest.mark.parametrize(("number", "hidden"), [(PHONE, MASKED), (CARD, CARD_MASKED)])
async def test_a_number_written_with_a_position_is_masked_in_the_conversation(
    office: Office, browse: Browse, number: str, hidden: str
) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    where = {"latitude": 29.9, "longitude": 120.5, "label": f"东门 {number}"}
    await office.hears(resident, "", "location", location=where)
    talk = f"/chats/{resident.conversation_id}"
    page = (await browser.get(talk)).text
    assert f"东门 {hidden}" in page and number not in page and "显示号码" in page
    await browser.post(f"{talk}/numbers")
    assert f"东门 {number}" in (await browser.get(talk)).text


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
    for page in (talk, f"{talk}/messages", path):
        shown = (await browser.get(page)).text
        assert shown.count(PHONE) == 3 and "号码已显示" in shown, page
        assert PHONE not in (await colleague.get(page)).text, page
    assert "电话查看记录（1）" in (await colleague.get(path)).text
    async with office.database.work() as work:
        looks = await reveals.of_case(work, case.id, case.conversation_id)
        assert [(look.staff_name, look.what) for look in looks] == [("小周", "conversation")]
        assert await reveals.of_case(work, case.id) == []
    clock.forward(minutes=10, seconds=1)
    assert PHONE not in (await browser.get(talk)).text


OTHER, OTHERS = "139****6666", "13977776666"
STORY = f"我叫李建国，电话{PHONE}，楼下饭店油烟太大"


async def with_numbers_everywhere(office: Office) -> CaseView:
    """A case of 司法所 in which every text that somebody wrote holds a number."""
    resident = await office.resident()
    case = await office.case(
        resident,
        summary=STORY,
        place=f"3栋 打{PHONE}",
        since=f"见{PHONE}",
        location={"latitude": 29.9, "longitude": 120.5, "label": f"饭店 {PHONE}"},
        details={"other_party": f"饭店老板{PHONE}", "people": "3"},
        reporter_name=f"李建国{PHONE}",
        reporter_phone=OTHERS,
    )
    await office.act(case, Action.ACCEPT, Actor(Role.OFFICER))
    await office.act(case, Action.ASSIGN, Actor(Role.OFFICER), unit="sifa")
    await office.act(case, Action.COMMENT, Actor(Role.OFFICER), text=f"已打{PHONE}")
    async with office.database.work() as work:
        await alerts.raise_alert(work, "urged", resident.conversation_id, case_id=case.id)
        await handover.request(work, resident.conversation_id, "asked")
        await work.commit()
    return case


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN])
async def test_a_number_in_the_story_is_masked_wherever_the_case_is_shown(
    office: Office, browse: Browse, role: Role
) -> None:
    browser = browse(await office.person(role, "sifa" if role is Role.UNIT else "centre"))
    case = await with_numbers_everywhere(office)
    pages = [f"/cases/{case.number}", "/", "/?q=油烟"]
    if role is not Role.UNIT:
        pages += ["/alerts", f"/chats/{case.conversation_id}"]
    for path in pages:
        page = (await browser.get(path)).text
        assert MASKED in page and PHONE not in page, path
    late = await browser.post(f"/cases/{case.number}/actions/comment", version=1, text="x")
    assert late.status_code == 409 and late.text.count(MASKED) > 6 and PHONE not in late.text


async def test_the_api_masks_what_the_pages_mask(
    office: Office, browse: Browse, client: httpx.AsyncClient
) -> None:
    person = await office.person(Role.OFFICER)
    case = await with_numbers_everywhere(office)
    path = f"/api/cases/{case.number}"
    stale = {"version": 1, "text": "x"}
    for answer in (
        await client.get(path, headers=person.bearer),
        await client.get("/api/cases", params={"q": PHONE}, headers=person.bearer),
        await client.post(f"{path}/actions/comment", json=stale, headers=person.bearer),
    ):
        assert MASKED in answer.text and PHONE not in answer.text, answer.request.url
    told = (await client.get(path, headers=person.bearer)).json()
    assert told["summary"] == STORY.replace(PHONE, MASKED)
    assert told["details"] == {"other_party": f"饭店老板{MASKED}", "people": "3"}
    assert told["location"] == {"latitude": 29.9, "longitude": 120.5, "label": f"饭店 {MASKED}"}
    assert told["parties"][0] == {"role": "reporter", "name": f"李建国{MASKED}", "phone": OTHER}


async def test_a_look_at_a_case_is_kept_lasts_a_while_and_is_ones_own(
    office: Office, browse: Browse, clock: Clock
) -> None:
    member = browse(await office.person(Role.UNIT, "sifa", name="老郑"))
    colleague = browse(await office.person(Role.UNIT, "sifa"))
    officer = browse(await office.person(Role.OFFICER))
    case = await with_numbers_everywhere(office)
    path = f"/cases/{case.number}"
    assert "显示号码" in (await member.get(path)).text
    back = await member.post(f"{path}/numbers")
    assert (back.status_code, back.headers["Location"]) == (303, path)
    shown = (await member.get(path)).text
    assert "号码已显示" in shown and MASKED not in shown
    assert shown.count(PHONE) == 8, "head, story, time, place, location, other side, name, note"
    assert OTHERS not in shown, "the contact's own number has a look of its own"
    for others in (colleague, officer):
        page = (await others.get(path)).text
        assert PHONE not in page and "老郑" in page and "事项里的号码" in page
    assert PHONE not in (await member.get("/")).text, "the list shows none"
    async with office.database.work() as work:
        looks = await reveals.of_case(work, case.id, case.conversation_id)
    assert [(look.staff_name, look.what) for look in looks] == [("老郑", "case")]
    clock.forward(minutes=10, seconds=1)
    assert PHONE not in (await member.get(path)).text


async def test_one_look_on_the_page_of_a_case_shows_its_conversation_too(
    office: Office, browse: Browse
) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    await office.hears(resident, STORY)
    case = await office.case(resident, summary=STORY)
    page = (await browser.get(f"/cases/{case.number}")).text
    assert page.count("显示号码") == 2, "beside the story and beside the conversation"
    assert PHONE not in page
    await browser.post(f"/cases/{case.number}/numbers")
    assert (await browser.get(f"/cases/{case.number}")).text.count(PHONE) == 2
    assert PHONE in (await browser.get(f"/chats/{resident.conversation_id}")).text


async def test_a_case_that_is_not_theirs_shows_nothing_and_notes_nothing(
    office: Office, browse: Browse
) -> None:
    case = await with_numbers_everywhere(office)
    stranger = browse(await office.person(Role.UNIT, "zhujian"))
    assert (await stranger.post(f"/cases/{case.number}/numbers")).status_code == 404
    async with office.database.work() as work:
        assert await reveals.of_case(work, case.id, case.conversation_id) == []


async def test_a_part_of_a_number_in_a_story_finds_no_case(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await with_numbers_everywhere(office)
    for whole in (PHONE, "138 1234 5678", "+86 13812345678", OTHERS):
        assert case.number in (await browser.get("/", params={"q": whole})).text, whole
    for part in (PHONE[:10], PHONE[:3], PHONE[-4:], OTHERS[:10]):
        assert case.number not in (await browser.get("/", params={"q": part})).text, part


async def test_a_card_is_shown_to_who_looks_and_the_look_is_kept(
    office: Office, browse: Browse, client: httpx.AsyncClient
) -> None:
    person = await office.person(Role.OFFICER, name="小周")
    browser, colleague = browse(person), browse(await office.person(Role.OFFICER))
    resident = await office.resident()
    story = f"我的身份证{CARD}被公司扣了，订单号202611210000123456"
    await office.hears(resident, story)
    case = await office.case(resident, summary=story)
    path = f"/cases/{case.number}"
    for page in (path, "/", f"/chats/{resident.conversation_id}"):
        shown = (await browser.get(page)).text
        assert CARD_MASKED in shown and CARD not in shown, page
        assert "202611210000123456" in shown or page == "/"
    told = (await client.get(f"/api{path}", headers=person.bearer)).json()
    assert told["summary"] == story.replace(CARD, CARD_MASKED)
    await browser.post(f"{path}/numbers")
    assert (await browser.get(path)).text.count(CARD) == 2, "story and conversation"
    assert CARD not in (await colleague.get(path)).text
    async with office.database.work() as work:
        [look] = await reveals.of_case(work, case.id)
    assert (look.staff_name, look.what) == ("小周", "case")


async def test_mistyped_cards_and_bank_cards_are_masked_and_found_whole(
    office: Office, browse: Browse
) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    story = f"身份证{MISTYPED}，卡号{BANK_CARD}"
    await office.hears(resident, story)
    case = await office.case(resident, summary=story)
    for path in (f"/cases/{case.number}", "/", f"/chats/{resident.conversation_id}"):
        page = (await browser.get(path)).text
        assert MISTYPED_MASKED in page and BANK_CARD_MASKED in page, path
        assert MISTYPED not in page and BANK_CARD not in page, path
    for whole in (MISTYPED, BANK_CARD, "6222 0212 3456 7890 128"):
        assert case.number in (await browser.get("/", params={"q": whole})).text, whole
    for part in (MISTYPED[:17], BANK_CARD[:6], BANK_CARD[:16], BANK_CARD[-4:]):
        assert case.number not in (await browser.get("/", params={"q": part})).text, part


async def test_a_card_in_a_story_is_found_only_whole(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    case = await office.case(resident, summary=f"身份证{CARD}，老证110105491231002")
    for whole in (CARD, CARD.lower(), "110105 19491231 002X", "110105491231002"):
        assert case.number in (await browser.get("/", params={"q": whole})).text, whole
    for part in (CARD[:17], CARD[:6], CARD[6:14], CARD[-4:], "11010549123100"):
        assert case.number not in (await browser.get("/", params={"q": part})).text, part


async def test_only_the_centre_looks_into_conversations(office: Office, browse: Browse) -> None:
    resident = await told_their_number(office)
    unit = browse(await office.person(Role.UNIT, "sifa"))
    assert (await unit.post(f"/chats/{resident.conversation_id}/numbers")).status_code == 403
    officer = browse(await office.person(Role.OFFICER))
    assert (await officer.post("/chats/999999/numbers")).status_code == 404


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
