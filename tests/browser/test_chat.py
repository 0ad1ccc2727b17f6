"""A resident's chat in a real browser: nothing is lost, nothing is doubled, whatever happens on the way."""

from __future__ import annotations

import asyncio
import contextlib

from playwright.async_api import Browser, Error, Route, expect

from backend.domain.lifecycle import Action
from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, say
from tests.browser.window import PATIENCE, Window, phone, window
from tests.webchat.listener import Listener


async def test_from_the_first_word_to_a_case_number(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.look("chat-1-greeting")
        number = await chat.gets_a_number(STORY)
        await chat.look("chat-2-registered")
        await chat.nothing_twice()
        assert [case.number for case in await listener.cases()] == [number]
        assert await chat.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_every_step_of_the_staff_is_heard(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        number = await chat.gets_a_number(STORY)
        for action, given in (
            (Action.ACCEPT, {}),
            (Action.ASSIGN, {"unit": "zhujian"}),
            (Action.RESOLVE, {"text": "已修好"}),
        ):
            before = await chat.replies()
            await listener.act(number, action, **given)
            await chat.answered(before)
        await expect(chat.messages.last).to_contain_text("已修好")
        await chat.look("chat-3-resolved")
        await chat.nothing_twice()


async def test_a_reload_loses_and_doubles_nothing(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write("恒大名都8号楼")
        await chat.page.fill("#text", "还没写完的话")
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        await chat.page.reload()
        await expect(chat.mine).to_have_count(2)
        await expect(chat.page.locator("#text")).to_have_value("还没写完的话")
        await chat.page.unroute(POSTS)
        await chat.page.reload()
        await chat.sent(2)
        await chat.nothing_twice()
        assert await chat.own_texts() == [STORY, "恒大名都8号楼"]


async def test_a_lost_answer_is_asked_for_again_and_changes_nothing(
    browser: Browser, listener: Listener
) -> None:
    """The server has the message, the phone never hears so: the worst moment for a connection to break.

    Neither the stream nor the history says that the message has arrived: only asking again can.
    """
    lost: list[int] = []

    async def lose_the_first(route: Route) -> None:
        if len(lost) == 2:
            await route.continue_()
            return
        with contextlib.suppress(Error):
            answer = await route.fetch()
            lost.append((await answer.json())["id"])
        await route.abort()

    async def greeting_only(route: Route) -> None:
        await (route.abort() if asked.is_set() and len(lost) < 2 else route.continue_())

    asked = asyncio.Event()
    async with phone(browser) as context:
        await context.route("**/chat/events", lambda route: route.abort())
        await context.route("**/chat/history", greeting_only)
        chat = Window(await context.new_page(), listener)
        await chat.open()
        asked.set()
        await chat.page.route(POSTS, lose_the_first)
        before = await chat.replies()
        await chat.write(STORY)
        await chat.sent(1)
        await chat.answered(before)
        assert len(lost) == 2 and lost[0] == lost[1]
        await chat.nothing_twice()
        assert await chat.own_texts() == [STORY]


async def test_written_without_a_network_sent_with_one(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.context.set_offline(True)
        for words in ("第一句", "第二句", "第三句"):
            await chat.write(words)
        await expect(chat.page.locator("#connection")).to_have_text(text("page.chat.offline"))
        await expect(chat.page.locator('.message--mine[data-state="delayed"]')).to_have_count(3)
        await chat.look("chat-4-offline")
        await chat.page.context.set_offline(False)
        await chat.sent(3)
        await expect(chat.page.locator("#connection")).to_be_hidden(timeout=PATIENCE)
        assert await chat.own_texts() == ["第一句", "第二句", "第三句"]
        await chat.nothing_twice()


async def test_a_restart_in_between(browser: Browser, own_listener: Listener) -> None:
    listener = own_listener
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await listener.stop()
        await chat.write("恒大名都8号楼")
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        await listener.start()
        await chat.sent(2)
        number = await chat.gets_a_number("跳过")
        await listener.act(number, Action.ACCEPT)
        await expect(chat.messages.last).to_contain_text("已受理", timeout=PATIENCE)
        await chat.nothing_twice()
        assert len(await listener.cases()) == 1


async def test_two_tabs_stay_in_step(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await chat.write(STORY)
        await other.sent(1)
        await expect(other.choices.first).to_be_visible(timeout=PATIENCE)
        await other.choices.first.tap()
        await chat.sent(2)
        taken = chat.page.locator(".choice--taken")
        await expect(taken).to_have_count(1)
        await expect(taken).to_be_disabled()
        for tab in (chat, other):
            await tab.nothing_twice()
        greetings = [item for item in await chat.history() if item["kind"] == "open"]
        assert len(greetings) == 1
        assert other.faults == []


async def test_of_the_tabs_out_of_sight_one_goes_on_listening(browser: Browser, listener: Listener) -> None:
    """A browser allows six connections to a server: a tab that nobody looks at gives its own up."""
    see = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    see += " document.dispatchEvent(new Event('visibilitychange')); }"
    async with window(browser, listener) as chat:
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await chat.write(STORY)
        await other.sent(1)
        await chat.page.evaluate(see, True)
        async with other.page.expect_event("requestfailed", lambda one: one.url.endswith("/chat/events")):
            await other.page.evaluate(see, True)
        await say(listener, "您还在吗")
        await expect(chat.messages.last).to_contain_text("您还在吗")
        assert await chat.page.title() == f"(1) {await other.page.title()}"
        await other.page.evaluate(see, False)
        await expect(other.messages.last).to_contain_text("您还在吗")
        await chat.page.evaluate(see, False)
        assert await chat.page.title() == await other.page.title()
        assert other.faults == []


async def test_a_message_waiting_in_one_tab_is_sent_by_another(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write(STORY)
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await other.sent(1)
        await chat.sent(1)
        assert await chat.own_texts() == [STORY]


async def test_a_refused_message_says_why_and_can_be_given_up(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
        await chat.write("水" * 4001)
        failed = chat.page.locator('.message--mine[data-state="failed"]')
        await expect(failed).to_contain_text("4000")
        await failed.scroll_into_view_if_needed()
        await chat.write("短的")
        await expect(chat.page.locator('.message--mine[data-state="sent"]')).to_have_count(1)
        await chat.page.reload()
        await expect(failed).to_have_count(1)
        assert await failed.get_by_role("button").all_inner_texts() == [text("page.chat.remove")]
        await failed.get_by_role("button").tap()
        await expect(failed).to_have_count(0)
        await chat.page.reload()
        await chat.sent(1)


async def test_a_browser_that_lost_its_cookie_starts_over(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.context.clear_cookies()
        await chat.write("又来了")
        await expect(chat.page.get_by_text(STORY)).to_have_count(0, timeout=PATIENCE)
        await chat.sent(1)
        assert await chat.own_texts() == ["又来了"]
