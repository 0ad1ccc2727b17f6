"""A resident's chat in a real browser: nothing is lost, nothing is doubled, whatever happens on the way."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Error, Route, expect
from sqlalchemy import func, select

from backend.conversations import outbox
from backend.conversations.tables import ConversationRow
from backend.domain.lifecycle import Action
from dialogs.texts import text
from tests.browser.window import PATIENCE, SCREENSHOTS, Window, phone, window
from tests.webchat.listener import Listener

STORY = "楼上漏水漏到我家，物业一直不管，找了三次都没人来"
POSTS = "**/chat/messages"
ORIENTATION, TURNED = 0x0112, 6
"""A phone that was held upright (Exif 2.3, 4.6.4): to be shown a quarter turn to the right."""


async def say(listener: Listener, words: str) -> None:
    """An officer's words to the resident who came last: the only one of the test."""
    async with listener.parts.database.work() as work:
        conversation_id = (await work.session.scalars(select(func.max(ConversationRow.id)))).one()
        await outbox.post(work, conversation_id, kind="chat", literal=words)
        await work.commit()


def picture(width: int = 4000, height: int = 3000, **written: Any) -> bytes:
    """A photo as a camera makes it: dark above, light below as the sensor sees it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "JPEG", **written)
    return file.getvalue()


async def test_from_the_first_word_to_a_case_number(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.look("chat-1-greeting")
        number = await chat.gets_a_number(STORY)
        await chat.look("chat-2-registered")
        await chat.nothing_twice()
        assert [case.number for case in await listener.cases()] == [number]
        assert await chat.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_every_step_of_the_staff_is_heard(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        number = await chat.gets_a_number(STORY)
        for action, given in (
            (Action.ACCEPT, {}),
            (Action.ASSIGN, {"unit": "zhujian"}),
            (Action.RESOLVE, {"text": "已修好"}),
        ):
            before = await chat.replies()
            await listener.act(number, action, **given)
            await chat.answered(before)
        await expect(chat.messages.last).to_contain_text("已修好")
        await chat.look("chat-3-resolved")
        await chat.nothing_twice()


async def test_a_reload_loses_and_doubles_nothing(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write("恒大名都8号楼")
        await chat.page.fill("#text", "还没写完的话")
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        await chat.page.reload()
        await expect(chat.mine).to_have_count(2)
        await expect(chat.page.locator("#text")).to_have_value("还没写完的话")
        await chat.page.unroute(POSTS)
        await chat.page.reload()
        await chat.sent(2)
        await chat.nothing_twice()
        assert await chat.own_texts() == [STORY, "恒大名都8号楼"]


async def test_a_lost_answer_is_asked_for_again_and_changes_nothing(
    browser: Browser, listener: Listener
) -> None:
    """The server has the message, the phone never hears so: the worst moment for a connection to break.

    Neither the stream nor the history says that the message has arrived: only asking again can.
    """
    lost: list[int] = []

    async def lose_the_first(route: Route) -> None:
        if len(lost) == 2:
            await route.continue_()
            return
        with contextlib.suppress(Error):
            answer = await route.fetch()
            lost.append((await answer.json())["id"])
        await route.abort()

    async def greeting_only(route: Route) -> None:
        await (route.abort() if asked.is_set() and len(lost) < 2 else route.continue_())

    asked = asyncio.Event()
    async with phone(browser) as context:
        await context.route("**/chat/events", lambda route: route.abort())
        await context.route("**/chat/history", greeting_only)
        chat = Window(await context.new_page(), listener)
        await chat.open()
        asked.set()
        await chat.page.route(POSTS, lose_the_first)
        before = await chat.replies()
        await chat.write(STORY)
        await chat.sent(1)
        await chat.answered(before)
        assert len(lost) == 2 and lost[0] == lost[1]
        await chat.nothing_twice()
        assert await chat.own_texts() == [STORY]


async def test_written_without_a_network_sent_with_one(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.context.set_offline(True)
        for words in ("第一句", "第二句", "第三句"):
            await chat.write(words)
        await expect(chat.page.locator("#connection")).to_have_text(text("page.chat.offline"))
        await expect(chat.page.locator('.message--mine[data-state="delayed"]')).to_have_count(3)
        await chat.look("chat-4-offline")
        await chat.page.context.set_offline(False)
        await chat.sent(3)
        await expect(chat.page.locator("#connection")).to_be_hidden(timeout=PATIENCE)
        assert await chat.own_texts() == ["第一句", "第二句", "第三句"]
        await chat.nothing_twice()


async def test_a_restart_in_between(browser: Browser, own_listener: Listener) -> None:
    listener = own_listener
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await listener.stop()
        await chat.write("恒大名都8号楼")
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        await listener.start()
        await chat.sent(2)
        number = await chat.gets_a_number("跳过")
        await listener.act(number, Action.ACCEPT)
        await expect(chat.messages.last).to_contain_text("已受理", timeout=PATIENCE)
        await chat.nothing_twice()
        assert len(await listener.cases()) == 1


async def test_two_tabs_stay_in_step(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await chat.write(STORY)
        await other.sent(1)
        await expect(other.choices.first).to_be_visible(timeout=PATIENCE)
        await other.choices.first.tap()
        await chat.sent(2)
        taken = chat.page.locator(".choice--taken")
        await expect(taken).to_have_count(1)
        await expect(taken).to_be_disabled()
        for tab in (chat, other):
            await tab.nothing_twice()
        greetings = [item for item in await chat.history() if item["kind"] == "open"]
        assert len(greetings) == 1
        assert other.faults == []


async def test_of_the_tabs_out_of_sight_one_goes_on_listening(browser: Browser, listener: Listener) -> None:
    """A browser allows six connections to a server: a tab that nobody looks at gives its own up."""
    see = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    see += " document.dispatchEvent(new Event('visibilitychange')); }"
    async with window(browser, listener) as chat:
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await chat.write(STORY)
        await other.sent(1)
        await chat.page.evaluate(see, True)
        async with other.page.expect_event("requestfailed", lambda one: one.url.endswith("/chat/events")):
            await other.page.evaluate(see, True)
        await say(listener, "您还在吗")
        await expect(chat.messages.last).to_contain_text("您还在吗")
        assert await chat.page.title() == f"(1) {await other.page.title()}"
        await other.page.evaluate(see, False)
        await expect(other.messages.last).to_contain_text("您还在吗")
        await chat.page.evaluate(see, False)
        assert await chat.page.title() == await other.page.title()
        assert other.faults == []


async def test_a_message_waiting_in_one_tab_is_sent_by_another(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write(STORY)
        await expect(chat.mine.last).to_contain_text(text("page.chat.delayed"))
        other = Window(await chat.page.context.new_page(), listener)
        await other.open()
        await other.sent(1)
        await chat.sent(1)
        assert await chat.own_texts() == [STORY]


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


async def test_a_refused_message_says_why_and_can_be_given_up(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
        await chat.write("水" * 4001)
        failed = chat.page.locator('.message--mine[data-state="failed"]')
        await expect(failed).to_contain_text("4000")
        await failed.scroll_into_view_if_needed()
        await chat.write("短的")
        await expect(chat.page.locator('.message--mine[data-state="sent"]')).to_have_count(1)
        await chat.page.reload()
        await expect(failed).to_have_count(1)
        assert await failed.get_by_role("button").all_inner_texts() == [text("page.chat.remove")]
        await failed.get_by_role("button").tap()
        await expect(failed).to_have_count(0)
        await chat.page.reload()
        await chat.sent(1)


async def test_words_are_shown_as_they_were_written(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        evil = '<img src=x onerror="document.title=1"><b>粗</b>\n第二行'
        await chat.write(evil)
        await chat.sent(1)
        await chat.page.reload()
        await expect(chat.mine.first).to_contain_text("<b>粗</b>")
        assert await chat.mine.locator("b, img").count() == 0


async def test_a_browser_that_lost_its_cookie_starts_over(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await chat.sent(1)
        await chat.page.context.clear_cookies()
        await chat.write("又来了")
        await expect(chat.page.get_by_text(STORY)).to_have_count(0, timeout=PATIENCE)
        await chat.sent(1)
        assert await chat.own_texts() == ["又来了"]


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
