"""A person instead of the bot: the queue, taking a chat, writing in it, giving it back."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select, text

from backend.attachments.tables import AttachmentRow
from backend.conversations import alerts, handover
from backend.conversations.tables import ConversationRow, HandoverRow, OutgoingRow
from backend.domain.lifecycle import Role
from backend.follow_ups import service as follow_ups
from backend.follow_ups.tables import FollowUpRow
from backend.organisation.tables import StaffRow
from tests.fixtures.staff import Browser, Office, Resident

Browse = Callable[..., Browser]
PNG = io.BytesIO()
Image.new("RGB", (4, 4)).save(PNG, "PNG")


async def in_queue(office: Office, words: str = "我要找人") -> Resident:
    resident = await office.resident()
    await office.hears(resident, words)
    async with office.database.work() as work:
        assert await handover.request(work, resident.conversation_id, "asked")
        await follow_ups.schedule_for_conversation(
            work,
            follow_ups.Kind.HANDOVER_UNCLAIMED,
            resident.conversation_id,
            work.now + timedelta(minutes=3),
        )
        await work.commit()
    return resident


async def said(office: Office, resident: Resident) -> list[tuple[str, list[object], str | None, int | None]]:
    async with office.database.work() as work:
        rows = await work.session.scalars(
            select(OutgoingRow)
            .where(OutgoingRow.conversation_id == resident.conversation_id)
            .order_by(OutgoingRow.id)
        )
        return [(row.kind, row.parts, row.literal, row.staff_id) for row in rows]


async def mode(office: Office, resident: Resident) -> tuple[str, int | None]:
    async with office.database.work() as work:
        row = await work.session.get(ConversationRow, resident.conversation_id)
        assert row is not None
        return row.mode, row.officer_id


async def timers(office: Office, resident: Resident) -> list[str]:
    async with office.database.work() as work:
        rows = await work.session.scalars(
            select(FollowUpRow.state)
            .where(FollowUpRow.conversation_id == resident.conversation_id)
            .order_by(FollowUpRow.id)
        )
        return list(rows)


async def tasks(office: Office) -> list[str]:
    async with office.database.work() as work:
        return [
            row[0] for row in await work.session.execute(text("select task_name from procrastinate_jobs"))
        ]


@pytest.mark.parametrize("pictures_as", ["shown", "link", "nothing"])
async def test_what_a_picture_will_be_is_known_before_one_is_sent(
    office: Office, staff_app: FastAPI, browse: Browse, pictures_as: str
) -> None:
    staff_app.state.parts = replace(staff_app.state.parts, pictures_as=lambda channel: pictures_as)
    browser, resident = browse(await office.person(Role.OFFICER)), await in_queue(office)
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert ("这位居民看不到图片" in page) is (pictures_as == "nothing")
    assert ("居民会收到一个链接" in page) is (pictures_as == "link")


async def test_take_talk_and_hand_back(office: Office, browse: Browse) -> None:
    officer = await office.person(Role.OFFICER, name="小周")
    browser, resident = browse(officer), await in_queue(office)
    queue = (await browser.get("/chats")).text
    assert "等待接待（1）" in queue and "我要找人" in queue and "居民要求人工" in queue
    path = f"/chats/{resident.conversation_id}"
    assert (await browser.post(f"{path}/take")).headers["Location"] == path
    assert await mode(office, resident) == ("person", officer.member.id)
    assert await timers(office, resident) == ["cancelled"]
    page = (await browser.get(path)).text
    assert "您正在接待" in page
    assert (await browser.post(f"{path}/messages", text=" 您好，请说。\0 ")).headers["Location"] == path
    await office.hears(resident, "物业断电")
    assert "对话<b" in (await browser.get("/")).text
    assert (await browser.post(f"{path}/back")).headers["Location"] == "/chats"
    assert await said(office, resident) == [
        ("notice", [["handover.taken", {"officer": "小周"}]], None, None),
        ("chat", [], "您好，请说。", officer.member.id),
        ("notice", [["handover.back", {}]], None, None),
    ]
    assert await mode(office, resident) == ("bot", None)
    assert await tasks(office) == ["deliver", "deliver", "deliver", "resume_dialogue"]
    assert "小助手接待中" in (await browser.get(path)).text
    async with office.database.work() as work:
        row = (await work.session.scalars(select(HandoverRow))).one()
        assert (row.taken_by, row.ending) == (officer.member.id, "handed_back")


async def test_an_answer_ends_what_waits_for_it(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await in_queue(office)
    async with office.database.work() as work:
        await alerts.raise_alert(work, "unanswered", resident.conversation_id)
        await alerts.raise_alert(work, "crisis", resident.conversation_id)
        await work.commit()
    path = f"/chats/{resident.conversation_id}"
    await browser.post(f"{path}/take")
    for form, fields in (("messages", {"text": "在的"}), ("back", {})):
        async with office.database.work() as work:
            await follow_ups.schedule_for_conversation(
                work, follow_ups.Kind.OFFICER_SILENT, resident.conversation_id, work.now
            )
            await work.commit()
        assert (await timers(office, resident))[-1] == "waiting"
        await browser.post(f"{path}/{form}", **fields)
        assert (await timers(office, resident))[-1] == "cancelled"
    async with office.database.work() as work:
        assert [alert.kind for alert in await alerts.open_alerts(work)] == ["crisis"]


async def test_the_queue_shows_what_was_told(office: Office, browse: Browse) -> None:
    """1, 人工 and a tap tell nobody what it is about."""
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    for words in ("楼上漏水，我家天花板塌了", "1", "13812345678", "我要转人工服务"):
        await office.hears(resident, words)
    await office.hears(resident, "这是物业的问题", kind="choice", choice="property")
    async with office.database.work() as work:
        assert await handover.request(work, resident.conversation_id, "asked")
        await alerts.raise_alert(work, "unanswered", resident.conversation_id)
        await work.commit()
    await office.hears(resident, "在吗？？？")
    for path in ("/chats", "/alerts"):
        page = (await browser.get(path)).text
        assert "“楼上漏水，我家天花板塌了”" in page, path
        assert ("在吗？？？" in page) is (path == "/chats"), "what came last is seen too"
    await browser.post(f"/chats/{resident.conversation_id}/take")
    page = (await browser.get("/chats")).text
    assert "在吗？？？" in page and "楼上漏水" not in page, "who has the chat knows what it is about"


async def test_the_queue_shows_the_last_words_where_nothing_was_told(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    await office.hears(resident, "上个月电梯坏了没人修")
    async with office.database.work() as work:
        await work.session.execute(text("update incoming_messages set at = at - interval '2 days'"))
        await work.commit()
    await office.hears(resident, "人工")
    async with office.database.work() as work:
        assert await handover.request(work, resident.conversation_id, "asked")
        await alerts.raise_alert(work, "unanswered", resident.conversation_id)
        await work.commit()
    for path in ("/chats", "/alerts"):
        page = (await browser.get(path)).text
        assert ">人工</p>" in page or "“人工”" in page, path
        assert "电梯坏了" not in page


async def test_one_of_many_gets_the_chat(office: Office, browse: Browse) -> None:
    browsers = [browse(await office.person(Role.OFFICER)) for _ in range(5)]
    resident = await in_queue(office)
    path = f"/chats/{resident.conversation_id}/take"
    answers = await asyncio.gather(*(browser.post(path) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 4
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert "已由同事接待" in loser.text
    assert len(await said(office, resident)) == 1


@pytest.mark.parametrize("state", ["bot", "waiting", "a colleague's"])
async def test_only_who_has_the_chat_writes_in_it(office: Office, browse: Browse, state: str) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await office.resident() if state == "bot" else await in_queue(office)
    path = f"/chats/{resident.conversation_id}"
    if state == "a colleague's":
        await browse(await office.person(Role.OFFICER)).post(f"{path}/take")
    before = await said(office, resident)
    refused = await browser.post(f"{path}/messages", text="我来说两句")
    assert refused.status_code == 409
    assert "我来说两句" in refused.text
    assert (await browser.post(f"{path}/back")).status_code == 409
    assert await said(office, resident) == before


async def test_writing_and_handing_back_at_once(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await in_queue(office)
    path = f"/chats/{resident.conversation_id}"
    await browser.post(f"{path}/take")
    answers = await asyncio.gather(
        browser.post(f"{path}/messages", text="一"),
        browser.post(f"{path}/back"),
        browser.post(f"{path}/messages", text="二"),
    )
    written = [answer.status_code for answer in (answers[0], answers[2])]
    assert answers[1].status_code == 303 and set(written) <= {303, 409}
    words = [literal for kind, _, literal, _ in await said(office, resident) if kind == "chat"]
    assert len(words) == written.count(303)


async def send(browser: Browser, resident: Resident, content: bytes, words: str = "") -> httpx.Response:
    return await browser.http.post(
        f"/chats/{resident.conversation_id}/messages",
        data={"csrf": browser.person.session.csrf, "text": words},
        files={"picture": ("图.png", content, "image/png")},
    )


async def test_pictures(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident = await in_queue(office)
    assert (await send(browser, resident, PNG.getvalue())).status_code == 409
    await browser.post(f"/chats/{resident.conversation_id}/take")
    assert (await send(browser, resident, PNG.getvalue(), "请看")).status_code == 303
    assert (await send(browser, resident, PNG.getvalue())).status_code == 303
    for content in (b"<svg onload='alert(1)'/>", b"%PDF-1.4", b"hello", b"\0" * 100):
        refused = await send(browser, resident, content, "我的话")
        assert refused.status_code == 422
        assert "只能发送图片" in refused.text and "我的话" in refused.text
    assert (await send(browser, resident, PNG.getvalue() + b"\0" * 10 * 1024 * 1024)).status_code == 422
    assert (await send(browser, resident, b"\0" * 11 * 1024 * 1024)).status_code == 413
    empty = await browser.post(f"/chats/{resident.conversation_id}/messages", text="  ")
    assert empty.status_code == 422
    async with office.database.work() as work:
        rows = (await work.session.scalars(select(AttachmentRow))).all()
        sent = (await work.session.scalars(select(OutgoingRow).where(OutgoingRow.kind == "chat"))).all()
    assert {row.mime for row in rows} == {"image/png"}
    assert [(row.literal, row.attachment_id) for row in sent] == [("请看", rows[0].id), ("", rows[1].id)]
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert f'src="/attachments/{rows[0].id}/thumbnail"' in page
    assert (await browser.get(f"/attachments/{rows[0].id}")).content == PNG.getvalue()


async def test_a_colleague_who_went_away(office: Office, browse: Browse) -> None:
    away, here = (
        await office.person(Role.OFFICER, name="小周"),
        await office.person(Role.OFFICER, name="小吴"),
    )
    resident = await in_queue(office)
    path = f"/chats/{resident.conversation_id}"
    await browse(away).post(f"{path}/take")
    browser = browse(here)
    assert "小周 正在接待" in (await browser.get(path)).text
    assert "已不在线" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/take-over", officer=here.member.id)).status_code == 409
    assert (await browser.post(f"{path}/take-over", officer=away.member.id)).status_code == 303
    assert await mode(office, resident) == ("person", here.member.id)
    assert (await said(office, resident))[-1][1] == [["handover.taken", {"officer": "小吴"}]]


async def test_who_is_let_go_leaves_their_chats_to_the_queue(office: Office, browse: Browse) -> None:
    officer, admin = await office.person(Role.OFFICER), browse(await office.person(Role.ADMIN))
    one, two = await in_queue(office), await in_queue(office)
    for resident in (one, two):
        await browse(officer).post(f"/chats/{resident.conversation_id}/take")
    await admin.post(f"/staff/{officer.member.id}/active", on="false")
    for resident in (one, two):
        assert await mode(office, resident) == ("waiting", None)
        assert await timers(office, resident) == ["cancelled", "waiting"]
    assert (await browse(officer).get("/chats")).status_code == 303


async def test_duty(office: Office, browse: Browse) -> None:
    officer = await office.person(Role.OFFICER)
    browser = browse(officer)
    for on, words in (("false", "不在岗"), ("true", "在岗：接待居民")):
        assert (await browser.post("/duty", on=on)).status_code == 303
        assert words in (await browser.get("/chats")).text
        async with office.database.work() as work:
            row = await work.session.get(StaffRow, officer.member.id)
            assert row is not None and row.on_duty == (on == "true")
    assert (await browser.post("/duty", on="perhaps")).status_code == 422


async def test_chats_are_the_centres(office: Office, browse: Browse) -> None:
    browser = browse(await office.person(Role.UNIT, "sifa"))
    resident = await in_queue(office)
    path = f"/chats/{resident.conversation_id}"
    for page in ("/chats", path, f"{path}/messages"):
        assert (await browser.get(page)).status_code == 403
    for form in ("take", "back", "messages"):
        assert (await browser.post(f"{path}/{form}", text="x")).status_code == 403
    assert await mode(office, resident) == ("waiting", None)


@pytest.mark.parametrize("path", ["/chats/999999", "/chats/99999999999999999999", "/chats/999999/messages"])
async def test_no_such_chat(office: Office, browse: Browse, path: str) -> None:
    browser = browse(await office.person(Role.OFFICER))
    assert (await browser.get(path)).status_code == 404


async def test_the_residents_cases_stand_beside(office: Office, browse: Browse) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await in_queue(office)
    case, other = await office.case(resident), await office.case()
    page = (await browser.get(f"/chats/{resident.conversation_id}")).text
    assert case.number in page and other.number not in page
