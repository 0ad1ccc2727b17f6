"""Photos and places from the chat: made small, kept through a reload, told of where they cannot be sent."""

from __future__ import annotations

import io

from PIL import Image
from playwright.async_api import Browser, expect

from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, picture
from tests.browser.window import window
from tests.webchat.listener import Listener

ORIENTATION, TURNED = 0x0112, 6
"""A phone that was held upright (Exif 2.3, 4.6.4): to be shown a quarter turn to the right."""


async def test_a_photo_is_made_small_kept_and_sent(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.context.set_offline(True)
        camera = Image.Exif()
        camera[ORIENTATION] = TURNED
        big = {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": picture(exif=camera)}
        await chat.page.set_input_files("#files", [big])
        await expect(chat.mine.last.locator("img")).to_be_visible()
        await chat.page.context.set_offline(False)
        await chat.sent(2)
        await chat.page.reload()
        shown = chat.mine.last.locator("img")
        await expect(shown).to_be_visible()
        await shown.evaluate("image => image.decode()")
        await chat.look("chat-5-photo")
        address = await shown.get_attribute("src")
        kept = await (await chat.page.context.request.get(f"{listener.url}{address}")).body()
        stored = Image.open(io.BytesIO(kept))
        assert (stored.format, stored.size) == ("JPEG", (1200, 1600)), "small, and the right way up"
        left, right = (stored.convert("L").getpixel((x, 800)) for x in (50, 1150))
        assert isinstance(left, int) and isinstance(right, int) and left > right + 100
        assert not stored.getexif(), "without place, time and camera"
        assert len(kept) < 1_000_000


async def test_a_photo_waits_for_the_network_through_a_reload(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.route(POSTS, lambda route: route.abort())
        small = {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": picture(400, 300)}
        await chat.page.set_input_files("#files", [small])
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        await chat.page.reload()
        await expect(chat.mine.last.locator("img")).to_be_visible()
        await chat.page.unroute(POSTS)
        await chat.page.reload()
        await chat.sent(1)
        assert [i["kind"] for i in await chat.history() if i["direction"] == "in"] == ["open", "image"]


async def test_what_is_no_photo_is_said_at_once(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        bad = {"name": "x.png", "mimeType": "image/png", "buffer": b"not a picture"}
        await chat.page.set_input_files("#files", [bad])
        await expect(chat.page.locator("#hint")).to_have_text(text("page.chat.photo_bad"))
        await expect(chat.mine).to_have_count(0)


async def test_a_place_is_sent_or_its_refusal_told(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.tap("#place")
        await expect(chat.page.locator("#hint")).to_have_text(text("page.chat.place_refused"))
        await chat.look("chat-6-place-refused")
    position = {"geolocation": {"latitude": 30.1, "longitude": 120.5}, "permissions": ["geolocation"]}
    async with window(browser, listener, **position) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.tap("#place")
        await chat.sent(2)
        await expect(chat.mine.last).to_contain_text(text("page.chat.my_place"))
        await chat.page.reload()
        await expect(chat.mine.last).to_contain_text(text("page.chat.my_place"))
