"""Two windows on one installation: a resident's phone and an officer's desk, through three kills."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.window import PATIENCE, SCREENSHOTS, drawn, window
from tests.fixtures.browser import window_of
from tests.system.installation import ADMIN_PASSWORD, Installation, installation

PICTURES = SCREENSHOTS / "two-windows"
STORY = "物业费突然涨到2块8 谁同意的"
SECOND = "楼上天天半夜蹦迪 睡不了觉"
PLACE = "恒大名都8号楼"
REASON = "说好降价没降"
RECOVERY = 120_000
"""Milliseconds in which both pages must have come back by themselves after a kill."""


def photo(colour: tuple[int, int, int], name: str) -> FilePayload:
    """A file as a browser picks it."""
    file = io.BytesIO()
    Image.new("RGB", (640, 420), colour).save(file, "PNG")
    return FilePayload(name=name, mimeType="image/png", buffer=file.getvalue())


@dataclass
class Desk:
    """The workbench as an officer sees and clicks it; `faults` are its scripts' own."""

    page: Page
    home: Installation
    faults: list[str] = field(default_factory=list)

    async def open(self, address: str) -> None:
        """Go to a page and wait until its stream runs; `still_open` holds while nobody loads it again."""
        await self.page.goto(f"{self.home.staff_url}{address}")
        await self.settled()

    async def settled(self) -> None:
        await expect(self.page.locator("body[data-live=on]")).to_have_count(1, timeout=PATIENCE)
        await self.page.evaluate("window.opened = true")

    async def still_open(self) -> bool:
        """Whether this is the page as it was opened: all that it shows since came by itself."""
        return bool(await self.page.evaluate("window.opened === true"))

    async def log_in(self) -> None:
        await self.page.goto(f"{self.home.staff_url}/login")
        await self.page.get_by_label("用户名").fill("admin")
        await self.page.get_by_label("密码").fill(ADMIN_PASSWORD)
        await self.page.get_by_role("button", name="登录").click()
        await self.settled()

    async def writes(self, words: str, *files: FilePayload) -> None:
        """Write in the chat that is open, as one message."""
        await self.page.locator("[data-say] textarea").fill(words)
        if files:
            await self.page.locator("[data-say] input[type=file]").set_input_files(list(files))
        await self.page.get_by_role("button", name="发送").click()

    def line(self, words: str) -> Locator:
        """What this officer said, as it stands in the chat that is open."""
        return self.page.locator("#room .talk .staff", has_text=words)

    async def hears(self, words: str) -> None:
        """Wait until the resident's words stand in the chat that is open."""
        line = self.page.locator("#room .talk .resident", has_text=words)
        await expect(line).to_have_count(1, timeout=RECOVERY)

    async def look(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        await drawn(self.page)
        await self.page.screenshot(path=PICTURES / f"{name}-desk.png")


@asynccontextmanager
async def desk(browser: Browser, home: Installation) -> AsyncIterator[Desk]:
    """An officer who has just logged in; at the end nothing may have gone wrong in the pages' scripts."""
    async with window_of(
        browser, viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
    ) as context:
        made = Desk(await context.new_page(), home)
        made.page.on("pageerror", lambda error: made.faults.append(str(error)))
        await made.log_in()
        yield made
    assert made.faults == []


Bubble = tuple[int, str, str, int]
"""Id, who, words, pictures."""

ON_PHONE = """[...document.querySelectorAll('.message')].map(row => [
  Number(row.dataset.id),
  row.matches('.message--mine') ? 'resident' : row.querySelector('.name') ? 'staff' : 'bot',
  [...row.querySelector('.bubble').childNodes].filter(n => !n.classList?.contains('unseen'))
    .map(n => n.textContent).join('').trim(),
  row.querySelectorAll('.bubble img').length])"""
ON_DESK = """[...document.querySelectorAll('#room .talk > li')].map(row => [
  Number(row.id.slice(1)), row.className,
  (row.querySelector('p')?.textContent ?? '').trim().replace(/^\\[选择\\] /, ''),
  row.querySelectorAll('.bubble img').length])"""


async def bubbles(page: Page, script: str) -> list[Bubble]:
    return [tuple(row) for row in await page.evaluate(script)]


def the_whole_talk(number: str, second: str) -> list[tuple[str, str, int]]:
    """Who says what with how many pictures, from the first word to the last; of the bot's words a part."""
    return [
        ("bot", "请说说遇到了什么事？", 0),
        ("resident", STORY, 0),
        ("bot", "【物业】", 0),
        ("resident", "对", 0),
        ("bot", "在哪个小区", 0),
        ("resident", "跳过", 0),
        ("bot", "从什么时候开始的？", 0),
        ("resident", "跳过", 0),
        ("bot", "方便留个电话吗？", 0),
        ("resident", "跳过", 0),
        ("bot", "请核对", 0),
        ("resident", "提交", 0),
        ("bot", f"已登记，编号 {number}", 0),
        ("bot", f"（{number}）已交由住建局办理", 0),
        ("resident", SECOND, 0),
        ("bot", "还是一件新的事？", 0),
        ("resident", "新的事情", 0),
        ("bot", "【邻里】", 0),
        ("resident", "对", 0),
        ("bot", "在哪里发生的？", 0),
        ("resident", "人工", 0),
        ("bot", "正在接入人工", 0),
        ("bot", "工作人员管理员来了", 0),
        ("staff", "您好，我来帮您看看", 0),
        ("staff", "不急，慢慢说", 0),
        ("resident", "第一句，在重启的时候", 0),
        ("staff", "请看这张通知", 1),
        ("resident", "", 1),
        ("resident", "第二句，数据库没了", 0),
        ("staff", "还在吗", 0),
        ("bot", "工作人员已经离开", 0),
        ("bot", "在哪里发生的？", 0),
        ("resident", PLACE, 0),
        ("bot", "从什么时候开始的？", 0),
        ("resident", "跳过", 0),
        ("bot", "以前找社区或物业调解过吗？", 0),
        ("resident", "调解过", 0),
        ("bot", "方便留个电话吗？", 0),
        ("resident", "跳过", 0),
        ("bot", "请核对", 0),
        ("resident", "提交", 0),
        ("bot", f"已登记，编号 {second}", 0),
        ("bot", f"（{number}）已办结：已恢复原价", 0),
        ("bot", "您满意吗？", 0),
        ("resident", "不满意", 0),
        ("bot", "（第2轮）", 0),
        ("resident", REASON, 0),
        ("bot", "记下了", 0),
    ]


def kill(home: Installation, part: str) -> None:
    """`kill -9` the main process of a part."""
    running = home.processes(part)
    assert running, f"{part} does not run"
    running[0].kill()


async def test_a_resident_and_an_officer(browser: Browser, tmp_path: Path, rasa_url: str) -> None:
    extra = {"FOLLOW_UP_AFTER": "PT5S", "NLU_URL": rasa_url}
    with installation(tmp_path / "data", "http://127.0.0.1:9", **extra) as home:
        async with desk(browser, home) as officer, window(browser, home) as chat:

            async def look(name: str) -> None:
                await chat.look(f"two-windows/{name}-phone")
                await officer.look(name)

            async def heard(words: str) -> None:
                """Wait until the officer's words are on the phone."""
                line = chat.page.locator(".message:not(.message--mine)", has_text=words)
                await expect(line).to_have_count(1, timeout=RECOVERY)

            async def says(words: str) -> None:
                """Answer once the question has been there long enough to be read."""
                await asyncio.sleep(2.1)
                before = await chat.replies()
                await chat.write(words)
                await chat.answered(before)

            async def taps(choice: str) -> None:
                before = await chat.replies()
                await chat.choices.and_(chat.page.locator(f'[data-choice="{choice}"]')).last.tap()
                await chat.answered(before)

            number = await chat.gets_a_number(STORY)
            row = officer.page.locator("#cases tr", has_text=number)
            await expect(row).to_be_visible(timeout=PATIENCE)
            assert await officer.still_open()
            await look("1-registered")

            await row.get_by_role("link").click()
            await officer.settled()
            await look("2-case")
            await officer.page.get_by_role("button", name="提交").first.click()
            await expect(officer.page.locator("h1 .pill")).to_have_text("已交办")
            await expect(chat.messages.last).to_contain_text("已交由住建局办理", timeout=PATIENCE)
            await officer.settled()
            await look("3-assigned")

            await officer.open("/chats")
            await says(SECOND)
            await taps("new")
            await taps("yes")
            await says("人工")
            waiting = officer.page.locator("#chats .item.hot")
            await expect(waiting).to_be_visible(timeout=PATIENCE)
            assert await officer.still_open()
            await look("4-waiting")
            await waiting.get_by_role("button", name="接待").click()
            await officer.settled()
            await expect(chat.messages.last).to_contain_text("管理员来了", timeout=PATIENCE)

            await officer.writes("您好，我来帮您看看")
            await expect(chat.messages.last).to_contain_text("您好，我来帮您看看", timeout=PATIENCE)
            kill(home, "residents")
            await officer.writes("不急，慢慢说")
            await expect(officer.line("不急，慢慢说")).to_be_visible()
            await chat.write("第一句，在重启的时候")
            await heard("不急，慢慢说")
            await officer.hears("第一句，在重启的时候")

            kill(home, "bot.worker")
            await officer.writes("请看这张通知", photo((120, 150, 170), "通知.png"))
            await expect(officer.line("请看这张通知")).to_be_visible()
            await chat.page.set_input_files("#files", [photo((170, 120, 90), "漏水.png")])
            await heard("请看这张通知")
            await expect(officer.page.locator("#room .resident img")).to_have_count(1, timeout=RECOVERY)
            await look("5-pictures")

            kill(home, "postgres")
            await chat.write("第二句，数据库没了")
            await officer.writes("还在吗")
            unsent, arrived = officer.page.locator("[data-unsent]"), officer.line("还在吗")
            await expect(unsent.or_(arrived)).to_be_visible(timeout=RECOVERY)
            await look("6-outage")
            await officer.hears("第二句，数据库没了")
            if await unsent.is_visible():
                await expect(arrived).to_have_count(0)
                await expect(officer.page.locator("[data-say] textarea")).to_have_value("还在吗")
                await officer.page.get_by_role("button", name="发送").click()
            await heard("还在吗")
            await expect(officer.page.locator("[data-lost]")).to_be_hidden()
            await expect(chat.page.locator("#connection")).to_be_hidden()
            assert await officer.still_open()
            await look("7-recovered")

            room = officer.page.url
            await officer.page.get_by_role("button", name="交回小助手").click()
            await expect(chat.messages.last).to_contain_text("在哪里发生的？", timeout=PATIENCE)
            await look("8-handed-back")
            await says(PLACE)
            second = await chat.gets_a_number("跳过")
            assert second != number

            await officer.open(f"/cases/{number}")
            await officer.page.locator("summary", has_text="办结").click()
            await officer.page.get_by_label("办理结果").fill("已恢复原价")
            await officer.page.locator("form[action$=resolve] button").click()
            await heard("已办结：已恢复原价")
            await officer.settled()
            await expect(chat.messages.last).to_contain_text("您满意吗？", timeout=PATIENCE)
            await look("9-survey")
            await taps("2")
            await expect(chat.messages.last).to_contain_text("哪里没有解决？")
            await says(REASON)
            head, history = officer.page.locator("#head"), officer.page.locator("#history")
            await expect(head).to_contain_text("第2轮", timeout=PATIENCE)
            await expect(history).to_contain_text(REASON, timeout=PATIENCE)
            await expect(officer.page.locator("#conversation")).to_contain_text(REASON, timeout=PATIENCE)
            assert await officer.still_open()
            await look("10-second-round")

            await officer.open(room.removeprefix(home.staff_url))
            await look("11-the-whole-talk")
            phone, talk = await bubbles(chat.page, ON_PHONE), await bubbles(officer.page, ON_DESK)
            assert sorted(phone) == talk, "both windows show the same messages, each once"
            assert len({bubble[0] for bubble in talk}) == len(talk)
            expected = the_whole_talk(number, second)
            assert len(talk) == len(expected), talk
            for told, (_, who, words, pictures) in zip(expected, talk, strict=True):
                part = told[1] if told[1] in words and who == "bot" else words
                assert (who, part, pictures) == told
