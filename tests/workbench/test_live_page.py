"""An officer's browser: what arrives while a page is open, and what is clicked and typed in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from backend.cases.desk import actor_of
from backend.conversations import handover
from backend.conversations.outbox import topic
from backend.domain.lifecycle import Action, Role
from tests.fixtures.browser import window_of
from tests.fixtures.staff import Office, Person, Resident


@pytest_asyncio.fixture
async def officer(office: Office) -> Person:
    return await office.person(Role.OFFICER, name="小周")


@pytest_asyncio.fixture
async def page(officer: Person, staff_url: str, browser: Chromium) -> AsyncIterator[Page]:
    troubles: list[str] = []
    async with window_of(browser, locale="zh-CN", base_url=staff_url) as context:
        await context.add_cookies([{"name": "fengqiao", "value": officer.session.token, "url": staff_url}])
        opened = await context.new_page()
        opened.on("pageerror", lambda error: troubles.append(str(error)))
        opened.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
        yield opened
    assert troubles == []


async def writes(office: Office, resident: Resident, words: str) -> None:
    await office.hears(resident, words)
    async with office.database.work() as work:
        work.wake("staff")
        work.wake(topic(resident.conversation_id))
        await work.commit()


async def connected(page: Page) -> None:
    await expect(page.locator("body[data-live=on]")).to_be_visible()


async def test_new_cases_appear(office: Office, page: Page) -> None:
    first = await office.case()
    await page.goto("/")
    await connected(page)
    await expect(page.get_by_text(first.number)).to_be_visible()
    case = await office.case(summary="刚刚登记的事")
    row = page.locator("tr", has_text=case.number)
    await expect(row).to_have_class("fresh")
    await page.fill("#q", "刚刚登记")
    await expect(page.get_by_text("共 1 件")).to_be_visible()
    assert "q=%E5%88%9A" in page.url
    await expect(page.get_by_text(first.number)).to_have_count(0)
    await office.case(summary="刚刚登记的另一件")
    await expect(page.get_by_text("共 2 件")).to_be_visible()


async def test_a_resident_who_waits_is_seen_and_heard(office: Office, page: Page) -> None:
    await page.add_init_script(
        """const make = AudioContext.prototype.createOscillator;
           AudioContext.prototype.createOscillator = function () {
             window.rang = true; return make.call(this);
           }"""
    )
    await page.goto("/")
    await connected(page)
    title = await page.title()
    await page.click("summary:has-text('小周')")
    await page.get_by_text("声音提示：关").click()
    await expect(page.get_by_text("声音提示：开")).to_be_visible()
    await page.evaluate("window.rang = false")
    resident = await office.resident()
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await work.commit()
    await expect(page.get_by_text("有居民在等人工")).to_be_visible()
    assert await page.title() == f"(1) {title}"
    assert await page.evaluate("window.rang")
    await expect(page.locator("[data-count=chats]")).to_have_text("1")


async def test_a_chat_from_the_queue_to_its_end(office: Office, page: Page) -> None:
    resident = await office.resident()
    await page.goto("/chats")
    await connected(page)
    await office.hears(resident, "我要找人")
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await work.commit()
    await page.get_by_role("button", name="接待").click()
    await expect(page.get_by_text("您正在接待")).to_be_visible()
    await connected(page)
    words = page.get_by_placeholder("写给居民")
    await words.fill("您好，\n请说。")
    await words.press("Enter")
    await expect(page.locator(".staff .bubble")).to_have_text("您好，\n请说。")
    await connected(page)
    await words.fill("还没写完的话")
    await writes(office, resident, "物业又断电了")
    await expect(page.locator(".resident .bubble").last).to_have_text("物业又断电了")
    assert await words.input_value() == "还没写完的话"
    await page.get_by_role("button", name="交回小助手").click()
    await expect(page.get_by_text("我在接待（0）")).to_be_visible()


async def test_what_could_not_be_sent_stays_in_its_field(office: Office, page: Page, officer: Person) -> None:
    resident = await office.resident()
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await handover.take(work, resident.conversation_id, officer.member.id)
        await work.commit()
    await page.goto(f"/chats/{resident.conversation_id}")
    await connected(page)
    words, unsent = page.get_by_placeholder("写给居民"), page.locator("[data-unsent]")
    sending = "**/chats/*/messages"
    await page.route(
        sending, lambda r: r.fulfill(status=503) if r.request.method == "POST" else r.continue_()
    )
    await words.fill("请稍等，我问一下")
    await words.press("Enter")
    await expect(unsent).to_contain_text("没有收到发送成功的回音")
    assert await words.input_value() == "请稍等，我问一下"
    await page.unroute(sending)
    await words.press("Enter")
    await expect(page.locator(".staff .bubble")).to_have_text("请稍等，我问一下")
    await expect(unsent).to_be_hidden()
    assert await words.input_value() == ""
    await page.locator("[data-say] input[type=file]").set_input_files(
        [{"name": "x.png", "mimeType": "image/png", "buffer": b"not a picture"}]
    )
    await page.get_by_role("button", name="发送").click()
    await expect(unsent).to_contain_text("只能发送图片")


async def test_a_look_at_the_numbers_keeps_what_is_being_written(
    office: Office, page: Page, officer: Person
) -> None:
    resident = await office.resident()
    await office.hears(resident, "我电话13812345678")
    case = await office.case(resident)
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await handover.take(work, resident.conversation_id, officer.member.id)
        await work.commit()
    await page.goto(f"/chats/{resident.conversation_id}")
    await connected(page)
    bubble = page.locator(".resident .bubble").first
    await expect(bubble).to_have_text("我电话138****5678")
    words = page.get_by_placeholder("写给居民")
    await words.fill("写了一半")
    await page.get_by_role("button", name="显示号码").click()
    await expect(bubble).to_have_text("我电话13812345678")
    await office.hears(resident, "在吗")
    await expect(page.locator(".resident .bubble")).to_have_count(2)
    await expect(bubble).to_have_text("我电话13812345678")
    assert await words.input_value() == "写了一半"
    await page.goto(f"/cases/{case.number}")
    await expect(page.locator("#conversation")).to_contain_text("号码已显示")
    await page.locator("#parties summary").click()
    await expect(page.locator("#parties")).to_contain_text("对话里的号码")


async def test_one_look_shows_the_numbers_all_over_the_page_of_a_case(
    office: Office, page: Page, officer: Person
) -> None:
    resident = await office.resident()
    await office.hears(resident, "我电话13812345678")
    case = await office.case(resident, summary="油烟太大，电话13812345678", place="3栋13812345678")
    await page.goto(f"/cases/{case.number}")
    words = page.locator("#actions textarea").first
    await page.locator("#actions summary").nth(1).click()
    await words.fill("写了一半")
    story, head, talk = (page.locator(s) for s in (".story", "#head", "#conversation .resident .bubble"))
    await expect(story).to_have_text("油烟太大，电话138****5678")
    await page.locator("#facts").get_by_role("button", name="显示号码").click()
    await expect(story).to_have_text("油烟太大，电话13812345678")
    await expect(head).to_contain_text("3栋13812345678")
    await expect(talk).to_have_text("我电话13812345678")
    await page.locator("#parties summary").click()
    await expect(page.locator("#parties")).to_contain_text("事项里的号码")
    assert await words.input_value() == "写了一半"


async def test_an_open_case_shows_by_itself_what_changed(office: Office, page: Page, officer: Person) -> None:
    case = await office.case(category="labour")
    await page.goto(f"/cases/{case.number}")
    await connected(page)
    await page.evaluate("window.opened = true")
    steps = page.locator("#actions")
    accepted = await office.act(case, Action.ACCEPT, actor_of(officer.member))
    await expect(page.locator("h1")).to_contain_text("已受理")
    await expect(page.locator("#history")).to_contain_text("已登记 → 已受理")
    await expect(steps.locator("details").first).to_contain_text("交办")
    await steps.locator("summary", has_text="内部备注").click()
    await page.get_by_label("备注", exact=True).fill("写了一半")
    await office.act(accepted, Action.ASSIGN, actor_of(officer.member), unit="renshe")
    await expect(page.locator("h1")).to_contain_text("已交办")
    await expect(steps).to_contain_text("您正在填的内容没有动")
    assert await page.get_by_label("备注", exact=True).input_value() == "写了一半"
    assert await page.evaluate("window.opened")


async def test_a_case_from_registration_to_its_unit(office: Office, page: Page, officer: Person) -> None:
    case = await office.case(category="labour", reporter_phone="13812345678")
    await page.goto(f"/cases/{case.number}")
    await connected(page)
    await page.get_by_role("button", name="显示").click()
    await expect(page.get_by_role("link", name="13812345678")).to_be_visible()
    await page.get_by_text("不予受理", exact=True).click()
    await page.get_by_label("原因，以及可以去哪里办").fill("写了一半的原因")
    await office.act(case, Action.COMMENT, actor_of(officer.member), text="同事的备注")
    await expect(page.get_by_text("有了新的变化")).to_be_visible()
    await page.locator("form[action$=refuse] button").click()
    await expect(page.locator("#problem")).to_contain_text("同事的备注")
    assert await page.get_by_label("原因，以及可以去哪里办").input_value() == "写了一半的原因"
    await page.locator("summary", has_text="受理并交办").click()
    await page.locator("form[action$=accept] button").click()
    await expect(page.locator("h1")).to_contain_text("已交办")
    await expect(page.locator(".head")).to_contain_text("人社局")


async def test_only_one_hidden_page_keeps_its_stream(office: Office, page: Page, staff_url: str) -> None:
    await page.goto("/")
    await connected(page)
    others = [await page.context.new_page() for _ in range(7)]
    for other in others:
        await other.goto(f"{staff_url}/")
        await connected(other)
        await other.evaluate(
            """() => { Object.defineProperty(document, "visibilityState", { value: "hidden" });
                       document.dispatchEvent(new Event("visibilitychange")); }"""
        )
        assert await other.evaluate("source === null")
    assert await page.evaluate("source.readyState") == 1
