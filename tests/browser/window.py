"""A resident's phone: a real browser window on the real page."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.fixtures.browser import PATIENCE as PATIENCE
from tests.fixtures.browser import window_of
from tests.webchat.listener import NUMBER

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
LINK = re.compile(r"https?://\S+")
"""The page shows a word or two in its place."""


class Served(Protocol):
    """Whatever serves the chat: a listener of the test's own, or a whole installation."""

    @property
    def url(self) -> str: ...


class Window:
    """The chat as a resident sees and touches it."""

    def __init__(self, page: Page, listener: Served) -> None:
        self.page = page
        self.listener = listener
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._console(message.type, message.text))

    def _console(self, kind: str, words: str) -> None:
        """What a browser says about the network is expected in these tests, anything else is not."""
        if kind in {"error", "warning"} and "Failed to load resource" not in words and "net::" not in words:
            self.faults.append(words)

    async def open(self) -> None:
        """Go to the page and wait until it greets."""
        await self.page.goto(self.listener.url)
        await expect(self.messages.first).to_be_visible(timeout=PATIENCE)

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    @property
    def mine(self) -> Locator:
        return self.page.locator(".message--mine")

    @property
    def choices(self) -> Locator:
        """The choices that can be used."""
        return self.page.locator(".choice:not(:disabled)")

    async def write(self, words: str) -> None:
        """Type and send."""
        await self.page.fill("#text", words)
        await self.page.tap("#send")

    async def sent(self, count: int) -> None:
        """Wait until exactly so many own messages are there and confirmed."""
        await expect(self.page.locator('.message--mine[data-state="sent"]')).to_have_count(
            count, timeout=PATIENCE
        )
        await expect(self.mine).to_have_count(count)

    async def answered(self, before: int) -> None:
        """Wait until there is more from the other side than before."""
        other = self.page.locator(".message:not(.message--mine)")
        await expect(other.nth(before)).to_be_visible(timeout=PATIENCE)

    async def replies(self) -> int:
        return await self.page.locator(".message:not(.message--mine)").count()

    async def words(self) -> list[str]:
        """What every bubble says, in order."""
        return await self.page.locator(".bubble").all_inner_texts()

    async def gets_a_number(self, story: str) -> str:
        """Tell a story and answer by tapping until the case number comes."""
        before = await self.replies()
        await self.write(story)
        await self.answered(before)
        for _ in range(15):
            last = (await self.page.locator(".message:not(.message--mine)").last.inner_text()).strip()
            if found := NUMBER.search(last):
                return found[0]
            before = await self.replies()
            wanted = self.page.locator(
                '.choice:not(:disabled):is([data-choice="submit"],[data-choice="yes"],[data-choice="property"])'
            )
            if await wanted.count():
                await wanted.last.tap()
            else:
                await self.write("跳过")
            await self.answered(before)
        raise AssertionError(await self.words())

    async def look(self, name: str) -> None:
        """Keep a picture for a person to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await drawn(self.page)
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    async def history(self) -> list[dict[str, Any]]:
        """The conversation as the server has it."""
        answer = await self.page.context.request.get(f"{self.listener.url}/chat/history")
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return items

    async def own_texts(self) -> list[str]:
        """What the server has of the resident, in order, without the page's own greeting."""
        return [i["text"] for i in await self.history() if i["direction"] == "in" and i["kind"] != "open"]

    async def nothing_twice(self) -> None:
        """The page shows exactly what the server has, in the same order, once it has heard the last of it."""
        end = time.monotonic() + PATIENCE / 1000
        while True:
            items = [item for item in await self.history() if item["kind"] != "open"]
            if len(await self.words()) >= len(items) or time.monotonic() > end:
                break
            await self.page.wait_for_timeout(50)
        shown = [re.sub(r"^\S+: ?\n?", "", words).strip() for words in await self.words()]
        assert len(shown) == len(items), (shown, items)
        for words, item in zip(shown, items, strict=True):
            between_links = LINK.split(item["text"].strip())
            assert all(part.strip() in words for part in between_links), (words, item)


async def drawn(page: Page) -> None:
    """Wait until the page has been drawn as it stands now, and has heard of scrolling and sizes."""
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@asynccontextmanager
async def phone(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser of its own, without any cookie."""
    async with window_of(browser, **(PHONE | options)) as context:
        yield context


@asynccontextmanager
async def window(browser: Browser, listener: Served, **options: Any) -> AsyncIterator[Window]:
    """An open chat; at the end nothing may have gone wrong in its scripts."""
    async with phone(browser, **options) as context:
        made = Window(await context.new_page(), listener)
        await made.open()
        yield made
        assert made.faults == []
