"""Every page opens for whom it should, and shows what people wrote as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.conversations import alerts, handover, outbox
from backend.domain.lifecycle import Action, Role
from tests.fixtures.staff import Browser, Office

Browse = Callable[..., Browser]
XSS = """<script>alert(1)</script><img src=x onerror=alert(1)>"'{{7*7}}"""
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;"
CENTRE_PAGES = ("/chats", "/alerts", "/dead-letters")


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN])
async def test_who_opens_what(office: Office, browse: Browse, role: Role) -> None:
    browser = browse(await office.person(role, "zhujian" if role is Role.UNIT else "centre"))
    for path in (
        "/",
        "/?status=received&overdue=1&review=1&q=灯&category=property&unit=zhujian",
        "/?page=3",
        "/password",
    ):
        assert (await browser.get(path)).status_code == 200, path
    for path in CENTRE_PAGES:
        assert (await browser.get(path)).status_code == (403 if role is Role.UNIT else 200), path
    assert (await browser.get("/staff")).status_code == (200 if role is Role.ADMIN else 403)


async def test_a_stranger_is_sent_to_the_door(client: object, staff_app: object) -> None:
    for path in ("/", "/cases/FQ2026-000001", "/staff", "/events", "/attachments/1", *CENTRE_PAGES):
        answer = await client.get(path)  # type: ignore[attr-defined]
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login"), path
    part = await client.get("/chats", headers={"HX-Request": "true"})  # type: ignore[attr-defined]
    assert part.headers["HX-Redirect"] == "/login"


async def test_whatever_a_resident_writes_is_text(office: Office, browse: Browse) -> None:
    resident = await office.resident()
    officer = await office.person(Role.OFFICER)
    case = await office.case(
        resident,
        summary=XSS,
        place=XSS,
        since=XSS,
        details={"amount": XSS, XSS: XSS},
        crises=(XSS,),
        location={"latitude": 30.0, "longitude": 120.0, "label": XSS},
        reporter_name=XSS,
        reporter_phone=XSS,
        other_party=XSS,
    )
    await office.hears(resident, XSS, location={"latitude": 30.0, "longitude": 120.0, "label": XSS})
    await office.act(case, Action.SUPPLEMENT, resident.actor, text=XSS)
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, XSS)
        await alerts.raise_alert(work, "crisis", resident.conversation_id, codes=[XSS], case_id=case.id)
        letter = await outbox.post(work, resident.conversation_id, kind="notice", literal=XSS)
        await work.commit()
    async with office.database.work() as work:
        from backend.conversations.deliveries import mark

        assert letter is not None
        await mark(work, letter, "dead", XSS)
        await work.commit()
    browser = browse(officer)
    talk = f"/chats/{resident.conversation_id}"
    for path in ("/", f"/cases/{case.number}", talk, f"{talk}/messages", *CENTRE_PAGES):
        answer = await browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert SHOWN in answer.text, path
        assert "<script>alert" not in answer.text, path
        assert "<img src=x" not in answer.text, path
        assert "49" not in answer.text.split("{{7*7}}")[0][-5:], path
