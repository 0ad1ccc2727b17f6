"""The page of a case: its forms, what changed meanwhile, masked phones and attachments."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from backend.attachments.service import add_remote, add_stored, failed, give_to_case
from backend.attachments.store import FileStore
from backend.cases.views import Actor, CaseView
from backend.domain.lifecycle import ACTION_NAMES, Action, Role, Status, allowed
from backend.organisation import reveals
from tests.fixtures.staff import Browser, Clock, Office, Resident

Browse = Callable[..., Browser]
OFFICER = Actor(Role.OFFICER)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


async def assigned(
    office: Office, resident: Resident | None = None, unit: str = "sifa", **facts: object
) -> CaseView:
    case = await office.case(resident, **facts)
    await office.act(case, Action.ACCEPT, OFFICER)
    return await office.act(case, Action.ASSIGN, OFFICER, unit=unit)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN])
async def test_exactly_the_allowed_actions(office: Office, browse: Browse, role: Role) -> None:
    browser = browse(await office.person(role, "sifa" if role is Role.UNIT else "centre"))
    case = await assigned(office)
    page = (await browser.get(f"/cases/{case.number}")).text
    shown = set(re.findall(rf'action="/cases/{case.number}/actions/(\w+)"', page))
    assert shown == {action.value for action in allowed(Status.ASSIGNED, role)}
    resolved = await office.act(case, Action.RESOLVE, OFFICER, text="好了")
    page = (await browser.get(f"/cases/{case.number}")).text
    shown = set(re.findall(rf'action="/cases/{case.number}/actions/(\w+)"', page))
    assert shown == {action.value for action in allowed(resolved.status, role)}


async def test_the_routed_unit_is_preselected_and_one_click_does_both(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await office.case(category="labour")
    page = (await browser.get(f"/cases/{case.number}")).text
    assert '<option value="renshe" selected>人社局（建议）</option>' in page
    done = await browser.post(f"/cases/{case.number}/actions/accept", version=1, unit="renshe")
    assert (done.status_code, done.headers["Location"]) == (303, f"/cases/{case.number}?done=accept")
    after = await office.now(case)
    assert (after.status, after.unit_code) == (Status.ASSIGNED, "renshe")
    assert "已保存：受理并交办。" in (await browser.get(done.headers["Location"])).text
    accepted = await office.case()
    done = await browser.post(f"/cases/{accepted.number}/actions/accept", version=1, unit="")
    assert "已保存：受理。" in (await browser.get(done.headers["Location"])).text
    assert (await office.now(accepted)).status is Status.ACCEPTED


async def test_the_second_of_two_sees_what_changed_and_keeps_their_words(
    office: Office, browse: Browse
) -> None:
    first = browse(await office.person(Role.SUPERVISOR, name="林主任"))
    second = browse(await office.person(Role.OFFICER))
    case = await office.case()
    await first.post(f"/cases/{case.number}/actions/comment", version=1, text="先打个电话")
    late = await second.post(f"/cases/{case.number}/actions/refuse", version=1, reason="不归这里 <管>")
    assert late.status_code == 409
    page = unescape(late.text)
    assert "有了新的变化" in page and "先打个电话" in page and "林主任" in page
    assert "不归这里 <管></textarea>" in page and "<管>" not in late.text
    assert 'name="version" value="2"' in late.text
    assert (await office.now(case)).status is Status.RECEIVED
    again = await second.post(f"/cases/{case.number}/actions/refuse", version=2, reason="不归这里管")
    assert again.status_code == 303


async def test_words_for_a_step_that_is_gone_are_not_lost(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await office.case()
    await office.act(case, Action.REFUSE, OFFICER, reason="去法院")
    late = await browser.post(f"/cases/{case.number}/actions/refuse", version=1, reason="我写了很久的原因")
    assert late.status_code == 409
    assert "我写了很久的原因" in late.text


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("refuse", {"reason": "  "}, 422, "请填写“原因”"),
        ("reclassify", {"category": "nothing"}, 422, "“类别”填的内容不存在"),
        ("resolve", {"text": "x"}, 422, "现在是“已登记”，不能办结"),
        ("rate", {}, 422, "不能满意度评价"),
        ("accept", {"unit": "nowhere"}, 422, "“承办单位”填的内容不存在"),
        ("explode", {}, 422, "没有办成"),
    ],
)
async def test_a_refusal_in_words(
    office: Office, browse: Browse, action: str, fields: dict[str, str], status: int, words: str
) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await office.case()
    answer = await browser.post(f"/cases/{case.number}/actions/{action}", version=1, **fields)
    assert answer.status_code == status
    assert words in answer.text
    assert await office.now(case) == case


async def test_not_ones_role(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.UNIT, "sifa"))
    case = await assigned(office)
    answer = await browser.post(f"/cases/{case.number}/actions/withdraw", version=case.version, reason="x")
    assert answer.status_code == 403
    assert "您的角色不能做这一步" in answer.text


async def test_units_are_apart(office: Office, browse: Browse) -> None:
    theirs = browse(await office.person(Role.UNIT, "renshe"))
    mine = browse(await office.person(Role.UNIT, "sifa"))
    resident = await office.resident()
    await office.hears(resident, "只给中心看的闲聊")
    case = await assigned(office, resident, reporter_phone="13812345678")
    for browser, status in ((theirs, 404), (mine, 200)):
        assert (await browser.get(f"/cases/{case.number}")).status_code == status
        assert (await browser.get(f"/cases/{case.number}/news?version=1")).status_code == status
        assert (await browser.post(f"/cases/{case.number}/parties/1/phone")).status_code == status
    refused = await theirs.post(f"/cases/{case.number}/actions/start", version=case.version)
    assert refused.status_code == 404
    assert "闲聊" not in (await mine.get(f"/cases/{case.number}")).text
    assert case.number not in (await theirs.get("/")).text
    assert case.number in (await mine.get("/")).text


async def test_news_for_an_open_page(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    case = await office.case()
    assert (await browser.get(f"/cases/{case.number}/news?version=1")).status_code == 204
    await office.act(case, Action.ACCEPT, OFFICER)
    assert "有了新的变化" in (await browser.get(f"/cases/{case.number}/news?version=1")).text


async def test_a_phone_is_masked_and_each_look_is_logged(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER, name="小周"))
    case = await office.case(reporter_name="王阿姨", reporter_phone="13812345678")
    path = f"/cases/{case.number}"
    page = (await browser.get(path)).text
    assert "138****5678" in page and "13812345678" not in page
    party = re.search(r"/parties/(\d+)/phone", page)
    assert party is not None
    shown = await browser.post(f"{path}/parties/{party[1]}/phone")
    assert "13812345678" in shown.text
    async with office.database.work() as work:
        assert [(look.staff_name, look.party_id) for look in await reveals.of_case(work, case.id)] == [
            ("小周", int(party[1]))
        ]
    assert "电话查看记录（1）" in (await browser.get(path)).text
    other = await office.case(reporter_phone="13900000000")
    assert (await browser.post(f"/cases/{other.number}/parties/{party[1]}/phone")).status_code == 404


async def test_flags_and_deadlines(office: Office, browse: Browse, clock: Clock) -> None:
    person = await office.person(Role.OFFICER)
    case = await office.case(crises=("violence",), needs_review=True)
    page = (await browse(person).get("/")).text
    assert "暴力" in page and "待核类别" in page and "剩1个工作日" in page
    assert case.due_at is not None
    clock.at = case.due_at
    office.database.clock = clock
    person = await office.person(Role.OFFICER)
    assert "今天到期" in (await browse(person).get(f"/cases/{case.number}")).text
    clock.forward(minutes=1)
    page = (await browse(person).get(f"/cases/{case.number}")).text
    assert "今天已超期" in page and "危急情况：暴力" in page
    clock.forward(days=21)
    person = await office.person(Role.OFFICER)
    assert re.search(r"超期1\d个工作日", (await browse(person).get("/?overdue=1")).text)


async def test_filters_and_pages(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await office.resident()
    for _ in range(51):
        await office.case(resident)
    leak = await office.case(resident, summary="楼上漏水", category="neighbour")
    first = (await browser.get("/")).text
    assert "共 52 件" in first and "第 1 / 2 页" in first
    second = (await browser.get("/?page=2")).text
    assert "第 2 / 2 页" in second and second.count("<tr data-id") == 2
    found = (await browser.get("/?q=漏水&category=neighbour&status=received")).text
    assert leak.number in found and "共 1 件" in found
    assert "没有符合条件的事项" in (await browser.get("/?status=closed")).text
    assert (await browser.get("/?status=nonsense")).status_code == 200
    assert (await browser.get("/?unit=住建")).status_code == 422


async def test_the_history_reads(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await office.resident()
    case = await assigned(office, resident)
    await office.act(case, Action.COMMENT, OFFICER, text="只给同事看")
    await office.act(case, Action.RECLASSIFY, OFFICER, category="family")
    resolved = await office.act(case, Action.RESOLVE, OFFICER, text="办好了")
    await office.rate(resolved, resident, 1)
    page = (await browser.get(f"/cases/{case.number}")).text
    for words in (
        "仅内部",
        "家事",
        "非常不满意（1分）",
        "第2轮",
        *(ACTION_NAMES[a] for a in (Action.ASSIGN, Action.REOPEN)),
    ):
        assert words in page


async def store(
    office: Office, app: FastAPI, resident: Resident, content: bytes, mime: str, name: str
) -> int:
    files: FileStore = app.state.parts.files
    sha256 = await files.put(content)
    async with office.database.work() as work:
        found = await add_stored(
            work,
            resident.conversation_id,
            kind="image",
            mime=mime,
            size=len(content),
            sha256=sha256,
            name=name,
        )
        await work.commit()
    return found


async def test_attachments_open_for_those_who_may_and_run_nothing(
    office: Office, browse: Browse, staff_app: FastAPI
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    mine = browse(await office.person(Role.UNIT, "sifa"))
    theirs = browse(await office.person(Role.UNIT, "renshe"))
    resident = await office.resident()
    case = await assigned(office, resident)
    loose = await store(office, staff_app, resident, PNG, "image/png", 'a"\r\nb\u202e照片.png')
    given = await store(office, staff_app, resident, PNG + b"1", "image/png", "")
    document = await store(office, staff_app, resident, b"%PDF-1.4 x", "application/pdf", "合同.pdf")
    async with office.database.work() as work:
        await give_to_case(work, [given], case.id, resident.conversation_id)
        await work.commit()
    picture = await officer.get(f"/attachments/{loose}")
    assert (picture.status_code, picture.content, picture.headers["Content-Type"]) == (200, PNG, "image/png")
    assert picture.headers["Content-Disposition"] == f"inline; filename*=utf-8''{quote('ab照片.png')}"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    saved = await officer.get(f"/attachments/{document}")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert (await mine.get(f"/attachments/{given}")).status_code == 200
    for browser, attachment in ((mine, loose), (theirs, given), (theirs, loose)):
        assert (await browser.get(f"/attachments/{attachment}")).status_code == 404
    for missing in ("999999", "99999999999999999999"):
        assert (await officer.get(f"/attachments/{missing}")).status_code == 404


async def test_attachments_that_are_not_there(office: Office, browse: Browse, staff_app: FastAPI) -> None:
    officer = browse(await office.person(Role.OFFICER))
    resident = await office.resident()
    async with office.database.work() as work:
        place, channel = resident.conversation_id, "wechat"
        pending = await add_remote(work, place, kind="voice", remote_id="x", channel=channel)
        lost = await add_remote(work, place, kind="image", remote_id="y", channel=channel)
        await failed(work, lost, "expired")
        gone = await add_stored(
            work, resident.conversation_id, kind="image", mime="image/png", size=1, sha256="0" * 64, name=""
        )
        await work.commit()
    await office.hears(resident, "", kind="image", attachments=[pending, lost, gone, 10**9])
    for attachment in (pending, lost, gone):
        assert (await officer.get(f"/attachments/{attachment}")).status_code == 404
    page = (await officer.get(f"/chats/{resident.conversation_id}")).text
    assert "正在下载" in page and "已无法取得" in page


async def test_the_conversation_shows_both_sides(office: Office, browse: Browse) -> None:
    from backend.conversations import outbox

    officer = browse(await office.person(Role.OFFICER))
    resident = await office.resident()
    for kind, payload in (
        ("text", {}),
        ("voice", {}),
        ("open", {}),
        ("choice", {"choice": "submit", "prompt_id": 1}),
        ("choice", {"choice": "2", "prompt_id": 1, "label": "不满意"}),
        ("location", {"location": {"latitude": 30.0, "longitude": 120.0, "label": "东门"}}),
    ):
        await office.hears(resident, "我说的话" if kind == "text" else "", kind=kind, **payload)
    async with office.database.work() as work:
        await outbox.post(work, resident.conversation_id, kind="reply", rendered="请核对")
        await outbox.post(work, resident.conversation_id, kind="notice", parts=[("notice.accept", {})])
        await work.commit()
    page = (await officer.get(f"/chats/{resident.conversation_id}")).text
    for words in (
        "我说的话",
        "[语音]",
        "[选择] submit",
        "[选择] 不满意",
        "东门（30.00000, 120.00000）",
        "请核对",
        "[进度通知]",
        "待发送",
    ):
        assert words in page
