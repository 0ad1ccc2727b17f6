"""Speaking instead of typing: recorded, heard again, sent or thrown away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, expect

from dialogs.texts import text
from tests.browser.window import window
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener, serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listening(file_settings: MakeSettings) -> AsyncIterator[Listener]:
    """An installation with a speech-to-text server, which is not asked here."""
    async with serving(file_settings, worker=False, speech_url="http://127.0.0.1:9") as made:
        yield made


async def test_nobody_is_asked_to_speak_who_is_not_understood(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await expect(chat.page.locator("#voice")).to_be_hidden()


async def test_a_recording_is_sent_and_can_be_heard(browser: Browser, listening: Listener) -> None:
    async with window(browser, listening, permissions=["microphone"]) as chat:
        page = chat.page
        await page.tap("#voice")
        await expect(page.locator("#recorded")).to_contain_text("1")
        await chat.look("chat-16-recording")
        await page.tap("#voice_drop")
        await expect(page.locator("#recording")).to_be_hidden()
        await expect(chat.mine).to_have_count(0)
        await page.tap("#voice")
        await expect(page.locator("#recorded")).to_contain_text("1")
        await page.tap("#voice_send")
        await chat.sent(1)
        await page.reload()
        player = chat.mine.first.locator("audio")
        await expect(player).to_be_visible()
        await player.evaluate("e => e.readyState > 0 || new Promise(done => e.onloadedmetadata = done)")
        await chat.look("chat-17-voice")
        assert [i["kind"] for i in await chat.history() if i["direction"] == "in"] == ["open", "voice"]


async def test_without_a_microphone_there_are_words(browser: Browser, listening: Listener) -> None:
    async with window(browser, listening) as chat:
        await chat.page.tap("#voice")
        await expect(chat.page.locator("#hint")).to_have_text(text("page.chat.voice_refused"))
        await expect(chat.page.locator("#recording")).to_be_hidden()
