"""Every page of residents under axe-core (WCAG AA and best practices): no violation, by day or by night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from backend.domain.lifecycle import Action
from bot.pages.links import Links, ProgressLink, SurveyLink, UploadLink
from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, say
from tests.browser.window import PHONE, Window, drawn
from tests.fixtures.browser import window_of
from tests.pages.test_pictures import sent
from tests.webchat.listener import Listener

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SIZES: dict[str, dict[str, Any]] = {
    "phone": PHONE | {"viewport": {"width": 360, "height": 740}},
    "desk": {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", "has_touch": True},
}
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the time of day."""
FOUND = """only => axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) })
  .then(({ violations }) => violations.map(
  ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html).slice(0, 3).join(" | ")}`))"""


async def violations(page: Page) -> list[str]:
    """What axe finds by day and by night; our own policy would not let its script in by a tag."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = []
    for scheme, only in (("light", None), ("dark", COLOURS)):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await drawn(page)
        found += [f"{scheme} {page.url}: {one}" for one in await page.evaluate(FOUND, only)]
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_no_page_of_residents_has_a_violation(browser: Browser, listener: Listener, size: str) -> None:
    found: list[str] = []
    key = listener.settings.secret_key
    assert key is not None
    links = Links(key.get_secret_value(), listener.url)
    async with window_of(browser, **SIZES[size]) as context:
        chat = Window(await context.new_page(), listener)
        await chat.open()
        found += await violations(chat.page)
        number = await chat.gets_a_number(STORY)
        await say(listener, "您好，我是工作人员。请看 https://www.example.gov.cn/a")
        await expect(chat.messages.last).to_contain_text("我是工作人员")
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.page.tap("#place")
        await chat.write("没有网的时候写的")
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        found += await violations(chat.page)
        await chat.page.tap("#bigger")
        found += await violations(chat.page)
        [case] = await listener.cases()
        page = await context.new_page()
        await listener.act(number, Action.ACCEPT)
        await listener.act(number, Action.ASSIGN, unit="zhujian")
        progress = links.progress(ProgressLink(case.id, case.reporter_id))
        await page.goto(progress)
        found += await violations(page)
        await page.goto(links.upload(UploadLink(case.id, case.reporter_id)))
        found += await violations(page)
        await listener.act(number, Action.RESOLVE, text="已修好")
        await page.goto(links.survey(SurveyLink(case.id, case.reporter_id, 1)))
        found += await violations(page)
        await page.get_by_role("button").filter(has_text="不满意").first.click()
        await expect(page.get_by_role("textbox")).to_be_visible()
        found += await violations(page)
        await page.goto(links.picture(await sent(listener, f"axe-{size}")))
        found += await violations(page)
        for address in ("/c/nonsense", "/nowhere"):
            await page.goto(f"{listener.url}{address}")
            found += await violations(page)
    assert not found, "\n".join(found)
