"""The page follows the language that a resident chooses in the chat."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.window import PATIENCE, window
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
