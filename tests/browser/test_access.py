"""The chat without a mouse, for a screen reader, in large type, at night, on its side."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from dialogs.texts import text
from tests.browser.window import PATIENCE, drawn, window
from tests.webchat.listener import NUMBER, Listener

STORY = "楼上漏水漏到我家，物业一直不管"


async def test_by_keyboard_alone(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, is_mobile=False, has_touch=False) as chat:
        keyboard = chat.page.keyboard
        await chat.page.focus("body")
        for _ in range(12):
            if await chat.page.evaluate("document.activeElement.id") == "text":
                break
            await keyboard.press("Tab")
        await keyboard.type("第一行")
        await keyboard.press("Shift+Enter")
        await keyboard.type(STORY)
        before = await chat.replies()
        await keyboard.press("Enter")
        await chat.answered(before)
        left: list[str] = []
        for _ in range(15):
            last = await chat.page.locator(".message:not(.message--mine)").last.inner_text()
            if NUMBER.search(last):
                break
            before = await chat.replies()
            offered = await chat.choices.evaluate_all("all => all.map(one => one.dataset.choice)")
            if set(offered) - {"skip"}:
                wanted = next((one for one in ("submit", "yes") if one in offered), offered[0])
                for _ in range(20):
                    focused = await chat.page.evaluate("document.activeElement.dataset.choice ?? ''")
                    if focused == wanted:
                        break
                    await keyboard.press(
                        "Tab" if focused in offered[: offered.index(wanted)] else "Shift+Tab"
                    )
                await keyboard.press("Enter")
            else:
                # Also where a button leaves the question: what is typed are words.
                await expect(chat.page.locator("#text")).to_be_focused()
                left += offered
                await keyboard.type("3栋 2单元" if not offered else "跳过")
                await keyboard.press("Enter")
            await chat.answered(before)
            await expect(chat.page.locator(":focus")).to_have_count(1)
        assert len(await listener.cases()) == 1, "|".join(await chat.words())[-600:]
        assert (await chat.own_texts())[0] == f"第一行\n{STORY}"
        assert left, "some question could be left by a button"


async def test_what_a_screen_reader_is_told(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        page = chat.page
        log = page.get_by_role("log", name=text("page.chat.log"))
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(page.get_by_role("textbox", name=text("page.chat.input"))).to_be_visible()
        for name in ("page.chat.send", "page.chat.photo", "page.chat.place", "page.chat.bigger"):
            await expect(page.get_by_role("button", name=text(name))).to_be_visible()
        await chat.write(STORY)
        await chat.sent(1)
        await expect(log).to_contain_text(f"{text('page.chat.me')}: {STORY}")
        await expect(log.get_by_role("group", name=text("page.chat.choices"))).to_be_visible()
        nameless = await page.evaluate(
            "[...document.querySelectorAll('button,a,input:not([hidden]),textarea,img')]"
            ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.alt)).length"
        )
        assert nameless == 0


async def test_everything_is_large_enough_to_read_and_to_hit(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible(timeout=PATIENCE)
        for big in (False, True):
            sizes = await chat.page.evaluate(
                "[...document.querySelectorAll('.bubble,textarea,.choice')]"
                ".map(e => parseFloat(getComputedStyle(e).fontSize))"
            )
            assert min(sizes) >= (24 if big else 20)
            targets = await chat.page.evaluate(
                "[...document.querySelectorAll('button')].filter(e => e.checkVisibility())"
                ".map(e => e.getBoundingClientRect()).map(box => Math.min(box.width, box.height))"
            )
            assert min(targets) >= 44
            await chat.look("chat-8-big" if big else "chat-8-question")
            await chat.page.tap("#bigger")
        await chat.page.tap("#bigger")
        await chat.page.reload()
        await expect(chat.page.locator("#bigger")).to_have_attribute("aria-pressed", "true")


async def test_at_night_on_its_side_and_zoomed_in(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener, color_scheme="dark") as chat:
        await chat.write(STORY)
        await expect(chat.choices.first).to_be_visible(timeout=PATIENCE)
        await chat.look("chat-9-night")
        for width, height in ((844, 390), (320, 256), (1280, 900)):
            await chat.page.set_viewport_size({"width": width, "height": height})
            await drawn(chat.page)
            for _ in range(10):
                if not await chat.page.locator("#newer").is_visible():
                    break
                assert height == 256, "everywhere else there is room for all of it"
                await chat.page.tap("#newer")
                await drawn(chat.page)
            await expect(chat.choices.last).to_be_in_viewport(ratio=0.9)
            await expect(chat.page.locator("#send")).to_be_in_viewport()
            assert await chat.page.evaluate("document.documentElement.scrollWidth") <= width
            await chat.look(f"chat-9-{width}x{height}")


async def test_the_field_grows_with_the_words(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        field = chat.page.locator("#text")
        one = (await field.bounding_box() or {})["height"]
        await field.fill("一行\n两行\n三行")
        assert (await field.bounding_box() or {})["height"] > one * 1.5
        await field.fill("很长\n" * 40)
        assert (await field.bounding_box() or {})["height"] < 300
        await chat.page.tap("#send")
        assert (await field.bounding_box() or {})["height"] == one


async def test_new_messages_do_not_pull_a_reader_away(browser: Browser, listener: Listener) -> None:
    async with window(browser, listener) as chat:
        for number in range(6):
            before = await chat.replies()
            await chat.write(f"您好{number}")
            await chat.answered(before)
        await chat.page.evaluate("document.getElementById('scroller').scrollTop = 0")
        await drawn(chat.page)
        other = await chat.page.context.new_page()
        await other.goto(listener.url)
        await other.fill("#text", "在吗")
        await other.tap("#send")
        newer = chat.page.locator("#newer")
        await expect(newer).to_be_visible(timeout=PATIENCE)
        assert await chat.page.evaluate("document.getElementById('scroller').scrollTop") < 50
        await newer.tap()
        await expect(chat.messages.last).to_be_in_viewport()
        await expect(newer).to_be_hidden()
