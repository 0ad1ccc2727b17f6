"""What waits on the phone: one tab sends it, a full phone says so, slow photos show how far they are."""

from __future__ import annotations

import asyncio
import contextlib
import io

from PIL import Image
from playwright.async_api import Browser, Error, Route, expect

from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, picture
from tests.browser.window import Window, drawn, phone, window
from tests.webchat.listener import Listener

FULL = """
  const full = () => { throw new DOMException("full", "QuotaExceededError"); };
  Storage.prototype.setItem = full;
  IDBFactory.prototype.open = full;
"""
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)


async def test_one_tab_sends_and_the_other_waits(browser: Browser, listener: Listener) -> None:
    posted: list[str] = []
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        posted.append((route.request.post_data_json or {})["id"])
        await go_on.wait()
        with contextlib.suppress(Error):
            await route.continue_()

    async with window(browser, listener) as chat:
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await chat.page.context.route(POSTS, hold)
        for words in ("第一句", "第二句", "第三句"):
            await chat.write(words)
        await expect(other.mine).to_have_count(3)
        await other.page.evaluate("dispatchEvent(new Event('online'))")
        await drawn(other.page)
        assert len(posted) == 1
        go_on.set()
        for tab in (chat, other):
            await tab.sent(3)
            await tab.nothing_twice()
        assert len(posted) == len(set(posted)) == 3
        assert other.faults == []


async def test_what_sleeps_with_the_work_loses_it(browser: Browser, listener: Listener) -> None:
    """A tab that the phone has put to sleep keeps the lock: after a while another tab takes it."""
    async with window(browser, listener) as chat:
        await chat.page.evaluate(
            "() => void navigator.locks.request('chat.outbox', () => new Promise(() => {})).catch(() => {})"
        )
        other = Window(await chat.page.context.new_page(), listener)
        await other.page.clock.install()
        await other.open()
        await other.write(STORY)
        await drawn(other.page)
        assert await chat.own_texts() == []
        await other.page.clock.fast_forward(31_000)
        await other.sent(1)
        assert await chat.own_texts() == [STORY]


async def test_a_full_phone_says_so_and_still_sends(browser: Browser, listener: Listener) -> None:
    async with phone(browser) as context:
        await context.add_init_script(FULL)
        chat = Window(await context.new_page(), listener)
        await chat.open()
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write(STORY)
        hint = chat.page.locator("#hint")
        await expect(hint).to_have_text(text("page.chat.loose"))
        small = {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": picture(400, 300)}
        await chat.page.set_input_files("#files", [small])  # type: ignore[list-item]
        await expect(chat.mine.last.locator("img")).to_be_visible()
        await expect(hint).to_have_text(text("page.chat.loose"))
        await chat.look("chat-18-full")
        await chat.page.unroute(POSTS)
        await chat.page.evaluate("dispatchEvent(new Event('online'))")
        await chat.sent(2)
        await expect(hint).to_be_hidden()
        assert [i["kind"] for i in await chat.history() if i["direction"] == "in"] == [
            "open",
            "text",
            "image",
        ]


async def test_a_photo_that_the_phone_cannot_read_goes_as_it_is(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        heic = {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": HEIC}
        await chat.page.set_input_files("#files", [heic])  # type: ignore[list-item]
        await chat.sent(1)
        [sent] = [item for item in await chat.history() if item["kind"] == "image"]
        assert len(sent["attachments"]) == 1


async def test_a_slow_photo_shows_how_far_it_is(browser: Browser, listener: Listener) -> None:
    noise = io.BytesIO()
    Image.effect_noise((1200, 1200), 80).save(noise, "JPEG", quality=90)
    async with window(browser, listener) as chat:
        line = await chat.page.context.new_cdp_session(chat.page)
        slow = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 200_000}
        await line.send("Network.emulateNetworkConditions", slow)
        big = {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": noise.getvalue()}
        await chat.page.set_input_files("#files", [big])  # type: ignore[list-item]
        share = chat.mine.last.locator("progress")
        await expect(share).to_be_visible()
        await chat.look("chat-19-progress")
        await line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
        await chat.sent(1)
        await expect(share).to_have_count(0)


async def test_a_poster_brings_its_place(browser: Browser, listener: Listener) -> None:
    async with phone(browser) as context:
        chat = Window(await context.new_page(), listener)
        await chat.page.goto(f"{listener.url}/?scene=fengqiao-chengguan")
        await expect(chat.messages.first).to_be_visible()
        await chat.page.reload()
        await expect(chat.messages.first).to_be_visible()
        assert [i["message_id"] for i in await chat.history() if i["direction"] == "in"] == [
            "open.fengqiao-chengguan"
        ]
        before = await chat.replies()
        await chat.write("物业费突然涨到2块8 谁同意的")
        await chat.answered(before)
        before = await chat.replies()
        await chat.page.locator('[data-choice="yes"]').last.tap()
        await chat.answered(before)
        await expect(chat.page.get_by_text("城关街道").first).to_be_visible()
