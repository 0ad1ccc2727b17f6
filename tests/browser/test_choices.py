"""What can be answered by a tap: numbered as the words say, and dead as soon as a tap would do nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import Browser, expect

from backend.conversations import handover
from backend.domain.lifecycle import Action
from backend.organisation.accounts import authenticate, ensure_admin
from backend.workbench import chat_desk
from dialogs.texts import text
from tests.browser.window import PATIENCE, Window, window
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener, serving

STORY = "楼上漏水漏到我家，物业一直不管"
PASSWORD = "an officer's long password"


async def take_chat(listener: Listener) -> None:
    """An officer takes the only chat that waits."""
    async with listener.parts.database.work() as work:
        await ensure_admin(work, PASSWORD)
        await work.commit()
    async with listener.parts.database.work() as work:
        member = await authenticate(work, "admin", PASSWORD)
        assert member is not None
        [chat] = await handover.chats(work)
        assert await chat_desk.take(work, chat.conversation_id, member)
        await work.commit()


async def test_the_number_on_a_button_is_the_one_to_type(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible(timeout=PATIENCE)
        numbers = chat.page.locator(".choice:not(:disabled) .choice__number")
        assert await numbers.all_inner_texts() == [str(n + 1) for n in range(await chat.choices.count())]
        label = await chat.choices.first.locator(".choice__label").inner_text()
        await expect(chat.page.get_by_role("button", name=label, exact=True)).to_be_visible()
        await chat.look("chat-10-numbered")
        await chat.choices.first.tap()
        await chat.sent(2)
        await expect(chat.mine.last.locator(".bubble__words")).to_have_text(label)


async def test_the_survey_counts_from_five_and_its_link_is_a_word(
    browser: Browser, settings: MakeSettings
) -> None:
    at_once = {"follow_up_after": timedelta(seconds=1), "follow_up_reminder": timedelta(seconds=1)}
    async with serving(settings, **at_once) as listener, window(browser, listener) as chat:
        number = await chat.gets_a_number(STORY)
        await listener.act(number, Action.ACCEPT)
        await listener.act(number, Action.ASSIGN, unit="zhujian")
        await listener.act(number, Action.RESOLVE, text="已修好")
        surveys = chat.page.locator(".message", has=chat.page.locator('[data-choice="5"]'))
        await expect(surveys).to_have_count(2, timeout=PATIENCE)
        numbers = surveys.last.locator(".choice__number")
        assert await numbers.all_inner_texts() == ["5", "4", "3", "2", "1"]
        link = surveys.last.get_by_role("link", name=text("page.chat.rate"), exact=True)
        await expect(link).to_have_attribute("href", re.compile(f"^{listener.url}/s/"))
        await chat.look("chat-12-survey")
        await chat.nothing_twice()


async def test_answered_by_typing_is_dead_in_every_tab(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write("菜单")
        await expect(chat.choices.first).to_be_visible(timeout=PATIENCE)
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await expect(other.choices.first).to_be_visible(timeout=PATIENCE)
        before = await chat.replies()
        await chat.write("2")
        await chat.answered(before)
        for tab in (chat, other):
            await expect(tab.choices).to_have_count(0, timeout=PATIENCE)
        await chat.page.reload()
        await expect(chat.page.locator(".choice").first).to_be_visible(timeout=PATIENCE)
        await expect(chat.choices).to_have_count(0)


async def test_with_a_person_there_is_nothing_left_to_tap(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write("人工")
        leave = chat.page.get_by_role("button", name=text("choice.leave"), exact=True)
        await expect(leave).to_be_enabled(timeout=PATIENCE)
        before = await chat.replies()
        await chat.write("楼上天天半夜装修，睡不了觉")
        await chat.answered(before)
        await chat.page.reload()
        await expect(leave.last).to_be_enabled(timeout=PATIENCE)
        await take_chat(listener)
        await expect(chat.page.locator(".message--mine ~ .message").last).to_contain_text(
            "请直接说", timeout=PATIENCE
        )
        await expect(chat.choices).to_have_count(0)
        await chat.look("chat-11-person")
        await chat.page.reload()
        await expect(leave.last).to_be_disabled(timeout=PATIENCE)
        await expect(chat.choices).to_have_count(0)
