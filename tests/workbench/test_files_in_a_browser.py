"""Recordings and pictures under the hands of an officer who uses the keyboard alone."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from backend.attachments.service import give_to_case
from backend.domain.lifecycle import Role
from tests.fixtures import media
from tests.fixtures.browser import window_of
from tests.fixtures.staff import Office
from tests.workbench.test_files import keep

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots" / "workbench"

PLAYS = """sound => new Promise(done => {
  const look = () => sound.currentTime > 0 && done();
  sound.addEventListener("timeupdate", look);
  look();
})"""


async def test_listening_and_looking(
    office: Office, staff_url: str, staff_app: FastAPI, browser: Chromium
) -> None:
    officer, resident = await office.person(Role.OFFICER), await office.resident()
    case = await office.case(resident)
    long = media.recording("ogg", "libopus", 48000, 6.0)
    voice = await keep(office, staff_app, resident, long, "audio/ogg", "")
    photos = [
        await keep(office, staff_app, resident, media.photo(turned=turned), "image/jpeg", f"现场{turned}.jpg")
        for turned in (1, 6)
    ]
    video = await keep(office, staff_app, resident, media.video("webm", "libvpx"), "video/webm", "")
    broken = await keep(office, staff_app, resident, media.photo()[:700], "image/jpeg", "坏了.jpg")
    document = await keep(
        office, staff_app, resident, b"%PDF-1.7" + bytes(9000), "application/pdf", "合同.pdf"
    )
    files = [voice, *photos, video, broken, document]
    async with office.database.work() as work:
        await give_to_case(work, files, case.id, resident.conversation_id)
        await work.commit()
    await office.hears(resident, "", kind="voice", attachments=[voice])
    await office.hears(resident, "楼上天天半夜拖椅子", kind="voice", by_machine=True)
    await office.hears(resident, "", kind="image", attachments=[*photos, video, broken, document])
    async with window_of(browser, locale="zh-CN", viewport={"width": 1280, "height": 900}) as context:
        await context.add_cookies([{"name": "fengqiao", "value": officer.session.token, "url": staff_url}])
        page = await context.new_page()
        blocked: list[str] = []
        page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
        await page.goto(f"{staff_url}/cases/{case.number}")
        player = page.locator("#conversation audio")
        await player.focus()
        await page.keyboard.press("Space")
        await player.evaluate(PLAYS)
        assert 5.5 < await player.evaluate("sound => sound.duration") < 6.5
        await office.hears(resident, "还有一件事")
        await page.evaluate("htmx.trigger(document.body, 'live-conversation')")
        await expect(page.get_by_text("还有一件事")).to_be_visible()
        assert await player.evaluate("sound => sound.currentTime > 0"), "what is listened to goes on"
        for shown in await page.locator("#files img").all():
            await shown.scroll_into_view_if_needed()
            await shown.evaluate("shown => shown.decode()")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / "files.png", full_page=True)
        await page.goto(f"{staff_url}/attachments/{photos[0]}/look")
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("heading", name="现场6.jpg")).to_be_visible()
        await page.locator(".look img").evaluate("shown => shown.decode()")
        assert await page.locator(".look img").evaluate(
            "shown => [shown.naturalWidth, shown.naturalHeight]"
        ) == [
            48,
            64,
        ]
        await page.screenshot(path=SCREENSHOTS / "look.png")
        await page.keyboard.press("ArrowLeft")
        await expect(page.get_by_role("heading", name="现场1.jpg")).to_be_visible()
        assert blocked == []
