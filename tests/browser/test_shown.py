"""What a resident sees of the chat: words as they were written, links to tap, what is under way."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Route, expect

from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, say
from tests.browser.window import PATIENCE, SCREENSHOTS, phone, window
from tests.webchat.listener import Listener


async def test_words_are_shown_as_they_were_written(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        evil = '<img src=x onerror="document.title=1"><b>粗</b>\n第二行'
        await chat.write(evil)
        await chat.sent(1)
        await chat.page.reload()
        await expect(chat.mine.first).to_contain_text("<b>粗</b>")
        assert await chat.mine.locator("b, img").count() == 0


async def test_an_emergency_number_can_be_called_by_a_tap(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        before = await chat.replies()
        await chat.write("他拿着刀在我家门口要砍人")
        await chat.answered(before)
        await expect(chat.page.locator('a[href="tel:110"]').first).to_be_visible()
        await chat.look("chat-7-crisis")


async def test_the_progress_link_is_a_word_that_opens_the_page(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.gets_a_number(STORY)
        before = await chat.replies()
        await chat.write("进度")
        await chat.answered(before)
        link = chat.page.get_by_role("link", name=text("page.chat.see_details"), exact=True)
        await expect(link).to_be_visible()
        assert "/c/" not in (await chat.words())[-1]
        box = await link.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
        await chat.look("chat-13-progress-link")
        async with chat.page.context.expect_page() as opened:
            await link.tap()
        progress = await opened.value
        await expect(progress.get_by_role("heading", name=text("page.progress.title"))).to_be_visible()
        await expect(progress.get_by_text(text("page.progress.due_accept"))).to_be_visible()
        await progress.screenshot(path=SCREENSHOTS / "page-7-registered.png")


async def test_only_web_addresses_become_links(browser: Browser, listener: Listener) -> None:
    said = (
        "见https://gov.example/办事?a=1。也可以看 http://我们@evil.example/c/x，"
        "或者(https://a.example/b)。javascript:alert(1) ftp://c.example www.d.example <a href=//e>x</a> 打110"
    )
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await say(listener, said)
        last = chat.messages.last
        await expect(last).to_contain_text("打110", timeout=PATIENCE)
        links = last.locator("a")
        found = [(await one.inner_text(), await one.get_attribute("href")) for one in await links.all()]
        assert found == [
            ("gov.example", "https://gov.example/"),
            ("a.example", "https://a.example/b"),
            ("110", "tel:110"),
        ]
        await expect(last).to_contain_text("<a href=//e>x</a>")
        await chat.look("chat-14-links")


async def test_a_slow_answer_is_seen_to_be_written(browser: Browser, listener: Listener) -> None:
    go_on = asyncio.Event()

    async def wait(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    async with window(browser, listener) as chat:
        typing = chat.page.locator("#typing")
        await expect(typing).to_be_hidden()
        await chat.page.route(POSTS, wait)
        before = await chat.replies()
        await chat.write(STORY)
        await expect(typing).to_be_in_viewport()
        go_on.set()
        await chat.answered(before)
        await expect(typing).to_be_hidden()


async def test_a_slow_beginning_says_that_it_is_connecting(browser: Browser, listener: Listener) -> None:
    async with phone(browser) as context:
        page = await context.new_page()
        slow = asyncio.Event()

        async def wait(route: Route) -> None:
            await slow.wait()
            await route.continue_()

        await page.route(POSTS, wait)
        await page.goto(listener.url)
        connecting = page.get_by_text(text("page.chat.connecting"))
        await expect(connecting).to_be_visible()
        await page.screenshot(path=SCREENSHOTS / "chat-15-connecting.png")
        slow.set()
        await expect(page.locator(".message").first).to_be_visible(timeout=PATIENCE)
        await expect(connecting).to_be_hidden()


async def test_a_new_window_without_scripts_says_what_to_do(browser: Browser, listener: Listener) -> None:
    async with phone(browser, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(listener.url)
        await expect(page.get_by_text(text("page.chat.no_script"))).to_be_visible()
        await expect(page.get_by_text(text("page.chat.connecting"))).to_be_hidden()
