"""What old eyes need: a message from its start, what failed in its place, a way past a question."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from dialogs.texts import text
from tests.browser.scene import POSTS, STORY, say
from tests.browser.window import Window, drawn, window
from tests.webchat.listener import Listener

SMALL = [(360, 740), (320, 568)]
JUNK: Any = {"name": "小区投诉材料.html", "mimeType": "text/html", "buffer": b"<html><script>1</script>"}
PAPER: Any = {
    "name": "物业合同.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\ntrailer<<>>\n%%EOF",
}
LONG = "请看下面。" * 120


def of(width: int, height: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": height}}


async def begins_in_sight(chat: Window, message: Locator) -> None:
    """The first line of a message is below the bar at the top, and above what covers the bottom."""
    await drawn(chat.page)
    words, room = (
        await message.locator(".bubble").bounding_box(),
        await chat.page.locator("#scroller").bounding_box(),
    )
    assert words and room
    assert room["y"] <= words["y"] <= room["y"] + room["height"] - 48


# --- a long message is read from its start -----------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), SMALL)
async def test_the_emergency_numbers_are_in_sight(
    browser: Browser, listener: Listener, width: int, height: int
) -> None:
    async with window(browser, listener, **of(width, height)) as chat:
        await chat.page.tap("#bigger")
        before = await chat.replies()
        await chat.write("我不想活了")
        await chat.answered(before)
        more = chat.page.locator("#newer")
        await expect(more).to_have_text(text("page.chat.more"))
        for number in ("120", "110"):
            await expect(chat.page.locator(f'a[href="tel:{number}"]').first).to_be_in_viewport(ratio=1)
        await begins_in_sight(chat, chat.messages.last)
        await chat.look(f"read-1-crisis-{width}")
        await chat.page.reload()
        await begins_in_sight(chat, chat.messages.last)
        for _ in range(6):
            if await more.is_hidden():
                break
            await more.tap()
            await drawn(chat.page)
        await expect(chat.choices.last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("width", "height"), SMALL)
async def test_the_greeting_begins_at_its_beginning(
    browser: Browser, listener: Listener, width: int, height: int
) -> None:
    async with window(browser, listener, **of(width, height), locale="en-GB") as chat:
        await begins_in_sight(chat, chat.messages.first)
        await chat.page.tap("#bigger")
        await begins_in_sight(chat, chat.messages.first)
        await expect(chat.page.locator("#newer")).to_have_text(text("page.chat.more", language="en"))
        await chat.look(f"read-2-greeting-{width}")


async def test_what_was_in_sight_stays_so_above_the_keyboard(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, **of(360, 740)) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.page.set_viewport_size({"width": 360, "height": 420})
        await expect(chat.choices.last).to_be_in_viewport(ratio=1)
        before = await chat.replies()
        await say(listener, LONG)
        await chat.answered(before)
        await begins_in_sight(chat, chat.messages.last)
        await chat.page.set_viewport_size({"width": 360, "height": 400})
        await begins_in_sight(chat, chat.messages.last)


@pytest.mark.parametrize("seconds", [0, 4])
async def test_what_was_read_makes_room_for_what_comes(
    browser: Browser, listener: Listener, seconds: int
) -> None:
    later = f"performance.now = (now => () => now() + {seconds * 1000})(performance.now.bind(performance))"
    async with window(browser, listener, **of(360, 740)) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.write("人工")
        await expect(chat.choices.first).to_be_visible()
        await say(listener, "请等一等。" * 4)
        waited = chat.messages.filter(has_text="请等一等")
        await begins_in_sight(chat, waited)
        await chat.page.evaluate(later)
        await say(listener, f"我来了。{LONG}")
        came = chat.messages.filter(has_text="我来了")
        await expect(came).to_be_visible()
        await begins_in_sight(chat, came if seconds else waited)


async def test_of_several_unread_messages_the_first_is_in_sight(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, **of(360, 740)) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.page.goto("about:blank")
        for words in (f"第一条。{LONG}", f"第二条。{LONG}"):
            await say(listener, words)
        await chat.page.goto(listener.url)
        await expect(chat.messages.last).to_contain_text("第二条")
        await begins_in_sight(chat, chat.messages.filter(has_text="第一条"))


# --- what was refused ---------------------------------------------------------------------------------


async def test_a_refused_file_stays_where_it_was_sent(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, **of(360, 740)) as chat:
        failed = chat.page.locator('.message--mine[data-state="failed"]')
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.page.set_input_files("#papers", [JUNK])
        await expect(failed).to_contain_text(text("attachment.unreadable"))
        await expect(failed).to_contain_text(JUNK["name"])
        before = await chat.replies()
        await chat.choices.first.tap()
        await chat.answered(before)
        await say(listener, "最新的一条")
        for reloaded in (False, True):
            if reloaded:
                await chat.page.reload()
            await expect(chat.messages.last).to_contain_text("最新的一条")
            order = await chat.page.locator(".message").evaluate_all(
                "all => all.map(one => one.dataset.state ?? '')"
            )
            assert order[-4:] == ["failed", "sent", "", ""], order
            await expect(failed).to_contain_text(JUNK["name"])
            await expect(failed.get_by_role("link")).to_have_count(0)
            buttons = await failed.get_by_role("button").all_inner_texts()
            assert buttons == [text("page.chat.remove")]
            await chat.look(f"read-3-refused-{reloaded}")
        await failed.get_by_role("button").tap()
        await expect(failed).to_have_count(0)


async def test_what_may_work_later_can_be_sent_again(browser: Browser, listener: Listener) -> None:
    """A network's own page answered in our place: then it goes to the end, as said now."""

    async def not_ours(route: Route) -> None:
        await route.fulfill(status=403, body="<html>请先登录无线网</html>")

    async with window(browser, listener) as chat:
        await chat.page.route(POSTS, not_ours)
        await chat.write(STORY)
        failed = chat.page.locator('.message--mine[data-state="failed"]')
        await expect(failed).to_contain_text(text("page.chat.failed"))
        await say(listener, "您好")
        await expect(chat.messages.last).to_contain_text("您好")
        await chat.page.unroute(POSTS)
        await failed.get_by_role("button", name=text("page.chat.retry")).tap()
        await chat.sent(1)
        await chat.nothing_twice()


async def test_a_file_is_called_what_it_is_called(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.page.set_input_files("#papers", [PAPER])
        link = chat.mine.last.get_by_role("link", name=PAPER["name"], exact=True)
        for reloaded in (False, True):
            if reloaded:
                await chat.page.reload()
            await chat.sent(1)
            address = await link.get_attribute("href")
            answer = await chat.page.context.request.get(f"{listener.url}{address}")
            assert (answer.status, await answer.body()) == (200, PAPER["buffer"])


# --- a question that may be left -----------------------------------------------------------------------


async def test_a_question_that_may_be_left_has_a_button_for_it(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, **of(360, 740)) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.choices.first.tap()
        skip = chat.page.locator(".choice--skip")
        left = []
        while True:
            await expect(
                chat.page.locator(".message:not(.message--mine)").last.locator(".choice").first
            ).to_be_enabled()
            if await chat.page.locator('.choice:not(:disabled)[data-choice="submit"]').count():
                break
            left.append(await chat.page.locator(".message:not(.message--mine)").last.inner_text())
            before = await chat.replies()
            await chat.look(f"read-4-skip-{len(left)}")
            await skip.last.tap()
            await chat.answered(before)
            await expect(skip.nth(len(left) - 1)).to_be_disabled()
        assert len(left) >= 3, left
        await chat.page.reload()
        await expect(skip.first).to_be_disabled()
        await chat.nothing_twice()


async def test_an_answer_on_its_way_leaves_no_other_question(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible()
        await chat.choices.first.tap()
        skip = chat.page.get_by_role("button", name=text("choice.skip"), exact=True)
        await expect(skip).to_be_enabled()
        await chat.page.route(POSTS, lambda route: route.abort())
        await chat.write("恒大名都8号楼")
        await expect(skip).to_be_disabled()
