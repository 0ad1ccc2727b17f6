"""The page follows the language that a resident chooses in the chat."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from backend.domain.lifecycle import Action
from bot.pages.links import Links, ProgressLink
from dialogs.texts import text
from tests.browser.window import PATIENCE, SCREENSHOTS, window
from tests.webchat.listener import Listener


async def test_the_page_follows_the_conversation(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write("English")
        html = chat.page.locator("html")
        await expect(html).to_have_attribute("lang", "en", timeout=PATIENCE)
        await expect(chat.page.locator("#send")).to_have_text("Send")
        await expect(chat.messages.last).to_contain_text("Good, we go on in English.", timeout=PATIENCE)
        await chat.look("chat-in-english")
        await chat.write("The lift has been broken for a month")
        await chat.sent(2)
        await expect(chat.choices.first).to_contain_text("property management", timeout=PATIENCE)
        await chat.look("chat-in-english-choices")
        await chat.nothing_twice()
        await chat.write("中文")
        await expect(html).to_have_attribute("lang", "zh-CN", timeout=PATIENCE)
        await expect(chat.page.locator("#send")).to_have_text("发送")


async def test_staffs_chinese_is_marked_on_an_english_page(browser: Browser, listener: Listener) -> None:
    words, mark = "师傅周三上午上门。", text("language.written_in_chinese", language="en")
    async with window(browser, listener, locale="en-GB") as chat:
        await chat.write("The lift has been broken for a month")
        await chat.sent(1)
        number = await chat.gets_a_number("The property company does not repair it")
        await listener.act(number, Action.ACCEPT)
        await listener.act(number, Action.NOTE, text=words)
        await listener.act(number, Action.NOTE, text="Please be at home.")
        [case] = await listener.cases()
        key = listener.settings.secret_key
        assert key is not None
        page = await chat.page.context.new_page()
        await page.goto(
            Links(key.get_secret_value(), listener.url).progress(ProgressLink(case.id, case.reporter_id))
        )
        note = page.get_by_text(words)
        await expect(note).to_have_attribute("lang", "zh-CN")
        await expect(page.get_by_text(mark)).to_have_count(1)
        assert await page.get_by_text("Please be at home.").get_attribute("lang") is None
        await page.screenshot(path=SCREENSHOTS / "page-9-in-english.png", full_page=True)
