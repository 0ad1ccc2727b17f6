"""The chat on a government's site: one script tag, a button, a frame; nothing leaks in either direction."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dialogs.texts import text
from tests.browser.scene import STORY, say
from tests.browser.window import PHONE, SCREENSHOTS, drawn
from tests.fixtures.browser import window_of
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import serving as served
from tests.webchat.listener import Listener, serving

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN"}
PAGE = """<!doctype html><html lang="{page_language}"><meta charset="utf-8"><title>诸暨市人民政府</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css">
<h1>政务公开</h1><button id="own">站内搜索</button><p>{words}</p>
<script src="{home}/chat/embed.js" async data-scene="fengqiao-chengguan" {attributes}></script>"""
STYLE = "button, iframe, div > span { color: rgb(1, 2, 3) !important; font-size: 9px !important; }"


@dataclass
class Site:
    """A government's pages, on another site than the chat (`localhost` is not `127.0.0.1`)."""

    url: str
    home: str = ""
    language: str = "zh-CN"
    attributes: str = ""
    """More of the script tag."""

    async def page(self, request: Request) -> HTMLResponse:
        """Under a policy as strict as such a site may have: our origin is named, no inline style."""
        policy = f"default-src 'self'; script-src {self.home}; frame-src {self.home}; style-src 'self'"
        words = "公告。" * 40
        return HTMLResponse(
            PAGE.format(home=self.home, words=words, page_language=self.language, attributes=self.attributes),
            headers={"Content-Security-Policy": policy},
        )

    async def style(self, request: Request) -> HTMLResponse:
        return HTMLResponse(STYLE, media_type="text/css")


@asynccontextmanager
async def another_site() -> AsyncIterator[Site]:
    site = Site("")
    app = Starlette(routes=[Route("/", site.page), Route("/site.css", site.style)])
    async with served(app) as address:  # type: ignore[arg-type]  # any ASGI app will do
        site.url = address.replace("127.0.0.1", "localhost")
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def file_site() -> AsyncIterator[Site]:
    async with another_site() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def embedded(file_settings: MakeSettings, file_site: Site) -> AsyncIterator[Listener]:
    """A chat that the site may show."""
    async with serving(file_settings, embed_origins=(file_site.url,), secure_cookies=True) as listener:
        yield listener


@pytest.fixture
def site(file_site: Site, embedded: Listener) -> Site:
    """The site as it is written, with that chat."""
    file_site.home, file_site.language, file_site.attributes = embedded.url, "zh-CN", ""
    return file_site


class Visitor:
    """Somebody who reads the site's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda message: self._console(message.type, message.text))

    def _console(self, kind: str, words: str) -> None:
        """The site has no icon, which is its own affair."""
        if kind == "error" and "Failed to load resource" not in words:
            self.troubles.append(words)

    @property
    def button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile(text("page.embed.open")))

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog", name=text("page.embed.title"))

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def focused(self) -> str:
        """What has the keyboard, inside the button's own tree where it is there."""
        found: str = await self.page.evaluate(
            "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).className"
        )
        return found

    async def tells(self, words: str) -> None:
        await self.chat.locator("#text").fill(words)
        await self.chat.locator("#send").click()
        await expect(self.chat.locator('.message--mine[data-state="sent"]').last).to_contain_text(words)


@asynccontextmanager
async def visiting(browser: Browser, site: Site, **options: Any) -> AsyncIterator[Visitor]:
    async with window_of(browser, **options) as context:
        visitor = Visitor(await context.new_page())
        await visitor.page.goto(site.url)
        yield visitor


async def look(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await drawn(page)
    await page.screenshot(path=SCREENSHOTS / f"embed-{name}.png")


async def cookies(context: BrowserContext) -> list[dict[str, Any]]:
    return [dict(cookie) for cookie in await context.cookies() if cookie.get("name") == "device"]


async def test_a_button_a_panel_and_the_keyboard(browser: Browser, embedded: Listener, site: Site) -> None:
    async with visiting(browser, site, **DESK) as visitor:
        page = visitor.page
        await expect(visitor.button).to_be_visible()
        await look(page, "1-button")
        style = await visitor.button.evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).fontSize]"
        )
        assert style == ["rgb(255, 255, 255)", "18px"], "the site's styles stay outside"
        own = await page.locator("#own").evaluate("e => getComputedStyle(e).color")
        assert own == "rgb(1, 2, 3)", "and ours inside"

        await page.focus("#own")
        for _ in range(5):
            await page.keyboard.press("Tab")
            if await visitor.focused() == "open":
                break
        await page.keyboard.press("Enter")
        field = visitor.chat.locator("#text")
        await expect(field).to_be_focused()
        await expect(visitor.chat.locator(".message").first).to_be_visible()
        box = await visitor.panel.bounding_box()
        assert box and box["width"] == 400 and box["height"] <= 760
        await page.keyboard.type(STORY)
        await page.keyboard.press("Enter")
        await expect(visitor.chat.locator(".choice").first).to_be_visible()
        await look(page, "2-panel")
        await field.focus()
        await page.keyboard.press("Escape")
        await expect(visitor.panel).to_be_hidden()
        assert await visitor.focused() == "open"

        await say(embedded, "工作人员的第一句")
        await say(embedded, "第二句")
        await expect(visitor.button).to_contain_text("2")
        await expect(page.get_by_role("status").filter(has_text="2")).to_have_count(1)
        await look(page, "3-unread")
        await page.reload()
        await expect(visitor.button).to_contain_text("2")
        await visitor.button.click()
        await expect(visitor.chat.get_by_text("第二句")).to_be_visible()
        await expect(visitor.chat.get_by_text(STORY)).to_be_visible()
        await visitor.chat.locator("#close").click()
        await expect(visitor.button).to_be_visible()
        await expect(visitor.button).to_have_text(re.compile(rf"^{text('page.embed.open')}0?$"))
        assert visitor.troubles == []


async def test_a_frames_cookie_belongs_to_the_site_around_it(
    browser: Browser, embedded: Listener, site: Site
) -> None:
    async with visiting(browser, site, **DESK) as visitor:
        await visitor.button.click()
        await visitor.tells(STORY)
        [cookie] = await cookies(visitor.page.context)
        assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
        assert cookie["partitionKey"] == "http://localhost"
        own = await visitor.page.context.new_page()
        await own.goto(embedded.url)
        await expect(own.locator(".message").first).to_be_visible()
        await expect(own.locator(".message--mine")).to_have_count(0)
        assert len(await cookies(visitor.page.context)) == 2


async def test_on_a_phone_it_fills_the_screen_and_back_leaves_it(browser: Browser, site: Site) -> None:
    async with visiting(browser, site, **PHONE) as visitor:
        page = visitor.page
        await look(page, "4-phone-button")
        await visitor.button.tap()
        await expect(visitor.chat.locator(".message").first).to_be_visible()
        await expect(visitor.chat.locator("#send")).to_be_in_viewport()
        box = await visitor.panel.bounding_box()
        assert box and (box["width"], box["height"]) == (390, 844)
        await look(page, "5-phone")
        await page.go_back()
        await expect(visitor.panel).to_be_hidden()
        assert page.url == f"{site.url}/"
        await visitor.button.tap()
        await visitor.chat.locator("#close").tap()
        await expect(visitor.panel).to_be_hidden()
        assert await page.evaluate("document.documentElement.style.overflow") == ""
        assert visitor.troubles == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 568)])
async def test_on_a_phone_it_looks_as_in_its_own_window(
    browser: Browser, site: Site, width: int, height: int
) -> None:
    """The keyboard stays away, and nothing has a frame around it that nobody asked for."""
    size = {"viewport": {"width": width, "height": height}}
    async with visiting(browser, site, **PHONE | size) as visitor:
        await visitor.button.tap()
        await expect(visitor.chat.locator(".message").first).to_be_visible()
        await expect(visitor.chat.locator("h1")).to_be_focused()
        outline = "e => getComputedStyle(e.ownerDocument.activeElement).outlineStyle"
        assert await visitor.chat.locator("body").evaluate(outline) == "none"
        await look(visitor.page, f"8-phone-{width}")


async def test_a_site_that_is_not_named_gets_a_link(
    browser: Browser, settings: MakeSettings, site: Site
) -> None:
    async with serving(settings, embed_origins=("https://www.example.gov.cn",), secure_cookies=True) as other:
        site.home = other.url
        async with visiting(browser, site, **DESK) as visitor:
            await visitor.page.clock.install()
            await visitor.page.reload()
            await visitor.button.click()
            # How long a frame that was loaded may be silent, where it takes no more than that to load.
            await visitor.page.clock.fast_forward(20_000)
            link = visitor.panel.get_by_role("link", name=text("page.embed.own_window"))
            await expect(link).to_be_visible()
            await look(visitor.page, "6-refused")
            async with visitor.page.context.expect_page() as opened:
                await link.click()
            await expect((await opened.value).locator("#composer")).to_be_visible()
            await visitor.page.bring_to_front()
            await visitor.panel.get_by_role("button", name=text("page.embed.close")).click()
            await expect(visitor.panel).to_be_hidden()


async def test_another_page_can_neither_ask_nor_answer(browser: Browser, site: Site) -> None:
    """What comes from elsewhere than the frame, or the site, changes nothing."""
    async with visiting(browser, site, **DESK) as visitor:
        await visitor.button.click()
        await expect(visitor.chat.locator(".message").first).to_be_visible()
        await visitor.page.evaluate(
            "for (const what of ['close', 'unread']) postMessage({ fengqiao: what, count: 7 }, '*')"
        )
        await drawn(visitor.page)
        await expect(visitor.panel).to_be_visible()
        await expect(visitor.page.get_by_text("7", exact=True)).to_have_count(0)


CHOSEN = [
    ("zh-CN", "", "zh_CN"),
    ("en-GB", "", "en"),
    ("MN", "", "mn"),
    ("de", "", "zh_CN"),
    ("", "", "zh_CN"),
    ("en", 'data-lang="zh"', "zh_CN"),
    ("zh-CN", 'data-lang="en-US"', "en"),
    ("zh-CN", 'data-lang="mn"', "mn"),
    ("en", 'data-lang="toString"', "en"),
]
"""The page's own language, what its script tag says, and whose words the button has."""


async def test_the_site_chooses_the_buttons_language(browser: Browser, site: Site) -> None:
    async with visiting(browser, site, **DESK) as visitor:
        for site.language, site.attributes, language in CHOSEN:
            await visitor.page.reload()
            button, title = (text(f"page.embed.{name}", language=language) for name in ("open", "title"))
            await visitor.page.get_by_role("button", name=button).click()
            panel = visitor.page.get_by_role("dialog", name=title, exact=True)
            await expect(panel).to_be_visible()
            await expect(visitor.page.locator("iframe")).to_have_attribute("title", title)
            assert await panel.evaluate("e => e.parentElement.lang") == language.partition("_")[0]
            await expect(visitor.chat.locator(".message").first).to_be_visible()
            if language == "mn":
                await look(visitor.page, "7-mongolian")
        assert visitor.troubles == []


async def test_a_label_of_the_sites_own(browser: Browser, site: Site) -> None:
    site.attributes = 'data-lang="en" data-label="Complaints"'
    async with visiting(browser, site, **DESK) as visitor:
        await visitor.page.get_by_role("button", name="Complaints").click()
        await expect(visitor.page.get_by_role("dialog", name="Mediation centre helper")).to_be_visible()
