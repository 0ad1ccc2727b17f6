"""The pages behind signed links, in a real browser."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from backend.domain.lifecycle import Action
from bot.pages.links import Links, ProgressLink, SurveyLink
from dialogs.texts import text
from tests.browser.window import SCREENSHOTS, phone
from tests.pages.test_pictures import sent
from tests.webchat.listener import Listener


async def look(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def test_progress_survey_and_why(browser: Browser, listener: Listener) -> None:
    key = listener.settings.secret_key
    assert key is not None
    links = Links(key.get_secret_value(), listener.url)
    number = await listener.phone().gets_a_number()
    await listener.act(number, Action.ACCEPT)
    await listener.act(number, Action.ASSIGN, unit="zhujian")
    await listener.act(number, Action.NOTE, text="师傅周三上午上门，请家里留人。")
    [case] = await listener.cases()
    async with phone(browser) as context:
        page = await context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        await page.goto(links.progress(ProgressLink(case.id, case.reporter_id)))
        await expect(page.get_by_text("师傅周三上午上门")).to_be_visible()
        await look(page, "page-1-progress")
        await listener.act(number, Action.RESOLVE, text="屋顶已重新做防水，试水两天不漏。")
        await page.goto(links.survey(SurveyLink(case.id, case.reporter_id, 1)))
        buttons = page.get_by_role("button")
        await expect(buttons).to_have_count(5)
        for box in [await button.bounding_box() for button in await buttons.all()]:
            assert box and box["height"] >= 48 and box["width"] > 250
        await look(page, "page-2-survey")
        await buttons.filter(has_text="不满意").first.tap()
        await expect(page.get_by_role("heading", name=text("page.survey.reopened_title"))).to_be_visible()
        await look(page, "page-3-why")
        await page.get_by_role("textbox").fill("又漏了，还是没修好")
        await page.get_by_role("button", name=text("page.survey.send")).tap()
        await expect(page.get_by_role("heading", name=text("page.survey.reason_title"))).to_be_visible()
        await look(page, "page-4-noted")
        await page.get_by_role("link").tap()
        await expect(page.get_by_text("又漏了，还是没修好")).to_be_visible()
        await look(page, "page-5-second-round")
        await page.emulate_media(color_scheme="dark")
        await look(page, "page-5-night")
        await page.goto(f"{listener.url}/c/nonsense")
        await expect(page.get_by_role("heading", name=text("page.gone.wrong_title"))).to_be_visible()
        await look(page, "page-6-wrong-link")
        await page.goto(f"{listener.url}/nowhere")
        await expect(page.get_by_role("heading", name=text("page.trouble.missing_title"))).to_be_visible()
        await look(page, "page-8-nowhere")
        await page.get_by_role("link", name=text("page.trouble.to_chat")).tap()
        await expect(page.locator("#composer")).to_be_visible()
        assert [fault for fault in faults if "404" not in fault] == []
    assert [one.round for one in await listener.cases()] == [2]


async def test_a_picture_fits_the_phone_and_opens_large(browser: Browser, listener: Listener) -> None:
    key = listener.settings.secret_key
    assert key is not None
    address = Links(key.get_secret_value(), listener.url).picture(await sent(listener, "phone"))
    async with phone(browser) as context:
        page = await context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        await page.goto(address)
        picture = page.get_by_role("img", name=text("page.picture.title"))
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await look(page, "page-9-picture")
        await picture.tap()
        await page.wait_for_url("**/picture")
        assert await page.evaluate("document.contentType") == "image/jpeg"
        assert faults == []
