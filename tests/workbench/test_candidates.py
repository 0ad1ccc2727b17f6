"""改进识别: an administrator sees what the model could learn from, takes it away, and that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect
from sqlalchemy import select

from backend.candidates.tables import CandidateDownloadRow
from backend.cases.views import Guess
from backend.domain.lifecycle import Role
from backend.workbench import candidates as desk
from tests.fixtures.browser import window_of
from tests.fixtures.staff import Browser, Clock, Office

Browse = Callable[..., Browser]
LEAK, DOWNSTAIRS = "楼上漏水把我家天花板泡了 我叫王建国 电话13812345678", "楼下烧烤店油烟熏得睡不着"


async def corrected(office: Office, browser: Browser, story: str, category: str, **facts: object) -> str:
    """A case whose category somebody changes in the workbench."""
    case = await office.case(summary=story, **facts)
    done = await browser.post(
        f"/cases/{case.number}/actions/reclassify", version=case.version, category=category
    )
    assert done.status_code == 303
    return case.number


async def taken(office: Office) -> list[tuple[int, str, int, int]]:
    async with office.database.work() as work:
        rows = await work.session.scalars(select(CandidateDownloadRow).order_by(CandidateDownloadRow.id))
        return [(row.staff_id, row.form, row.candidates, row.left_out) for row in rows]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT, Role.SUPERVISOR])
async def test_for_administrators_alone(office: Office, browse: Browse, role: Role) -> None:
    browser = browse(await office.person(role, "zhujian" if role is Role.UNIT else "centre"))
    assert (await browser.get("/candidates")).status_code == 403
    assert (await browser.post("/candidates/download", form="jsonl")).status_code == 403
    assert "改进识别" not in (await browser.get("/")).text
    assert await taken(office) == []


async def test_a_stranger_is_sent_to_the_door_and_a_foreign_form_is_refused(
    office: Office, browse: Browse, client: Browser
) -> None:
    assert (await client.get("/candidates")).headers["Location"] == "/login"
    answer = await client.post("/candidates/download", data={"form": "jsonl"})
    assert answer.headers["Location"] == "/login"
    browser = browse(await office.person(Role.ADMIN))
    foreign = await browser.http.post("/candidates/download", data={"form": "jsonl"})
    assert foreign.status_code == 403
    assert await taken(office) == []


async def test_the_page_shows_what_was_corrected_without_personal_data(
    office: Office, browse: Browse
) -> None:
    browser = browse(await office.person(Role.ADMIN))
    assert "还没有。" in (await browser.get("/candidates")).text
    guess = Guess("property", 0.614, "rasa")
    number = await corrected(office, browser, LEAK, "neighbour", guess=guess)
    await corrected(office, browser, "差评", "other")
    doubted = await office.case(summary=DOWNSTAIRS, category="other", needs_review=True)
    await browser.post(f"/cases/{doubted.number}/actions/accept", version=doubted.version)
    page = (await browser.get("/candidates")).text
    assert "已更正 1 条 · 小助手没把握、已确认 1 条 · 未列入 1 条" in page
    assert "楼上漏水把我家天花板泡了 我叫某某 电话某号码" in page
    assert "物业（61%）" in page and DOWNSTAIRS in page
    assert [word for word in ("王建国", "13812345678", number) if word in page] == []
    assert "改进识别</a>" in (await browser.get("/")).text


async def test_each_download_is_kept_and_the_next_can_begin_after_it(
    office: Office, browse: Browse, clock: Clock
) -> None:
    admin = await office.person(Role.ADMIN, name="林主任")
    browser = browse(admin)
    await corrected(office, browser, LEAK, "neighbour")
    await corrected(office, browser, "差评", "other")
    file = await browser.post("/candidates/download", form="jsonl")
    assert file.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="candidates-20')
    assert file.headers["Cache-Control"] == "no-store"
    (line,) = map(json.loads, file.content.decode().splitlines())
    assert (line["text"], line["label"]) == ("楼上漏水把我家天花板泡了 我叫某某 电话某号码", "邻里")
    assert set(line) == {"text", "label", "verdict", "date"}
    assert await taken(office) == [(admin.member.id, "jsonl", 1, 1)]
    clock.forward(minutes=1)
    await corrected(office, browser, DOWNSTAIRS, "neighbour")
    newer = (await browser.get("/candidates?new=1")).text
    assert "已更正 1 条" in newer and "漏水" not in newer and "林主任" in newer
    file = await browser.post("/candidates/download", form="yaml", new="true")
    (block,) = yaml.safe_load(file.content)["nlu"]
    assert block == {"intent": "邻里", "examples": f"- {DOWNSTAIRS}\n"}
    assert (await taken(office))[1:] == [(admin.member.id, "yaml", 1, 0)]
    assert "已更正 0 条" in (await browser.get("/candidates?new=1")).text


async def test_whatever_a_resident_writes_is_text(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.ADMIN))
    await corrected(office, browser, "楼上漏水没人管<script>alert(1)</script>", "neighbour")
    page = (await browser.get("/candidates")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


async def test_an_unknown_form_is_refused(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.ADMIN))
    assert (await browser.post("/candidates/download", form="xlsx")).status_code == 422
    assert await taken(office) == []


async def test_a_long_list_is_cut_on_the_page_alone(
    office: Office, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "SHOWN", 1)
    browser = browse(await office.person(Role.ADMIN))
    await corrected(office, browser, LEAK, "neighbour")
    await corrected(office, browser, DOWNSTAIRS, "neighbour")
    page = (await browser.get("/candidates")).text
    assert "只显示前 1 条" in page and DOWNSTAIRS in page and "漏水" not in page
    file = await browser.post("/candidates/download", form="jsonl")
    assert len(file.content.splitlines()) == 2


async def test_one_click_in_a_browser(
    office: Office, browse: Browse, staff_url: str, browser: Chromium
) -> None:
    admin = await office.person(Role.ADMIN, name="林主任")
    await corrected(office, browse(admin), LEAK, "neighbour")
    window: dict[str, Any] = {"locale": "zh-CN", "viewport": {"width": 390, "height": 844}}
    async with window_of(browser, base_url=staff_url, **window) as context:
        await context.add_cookies([{"name": "fengqiao", "value": admin.session.token, "url": staff_url}])
        page = await context.new_page()
        await page.goto("/")
        await page.get_by_role("link", name="改进识别").click()
        await expect(page.get_by_text("已更正 1 条")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="JSONL").click()
        saved = await saving.value
        assert saved.suggested_filename.endswith(".jsonl")
        assert json.loads((await saved.path()).read_text("utf-8"))["label"] == "邻里"
        await page.reload()
        await expect(page.get_by_text("林主任 · ")).to_be_visible()
