"""Acting through the API: versions, races, one click for two steps, and malformed requests."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from backend.cases.views import Actor, CaseView
from backend.domain.lifecycle import Action, Role
from tests.fixtures.staff import Office, Person

OFFICER = Actor(Role.OFFICER)


async def act(
    client: httpx.AsyncClient, person: Person, case: CaseView, action: str, version: object, **given: object
) -> httpx.Response:
    return await client.post(
        f"/api/cases/{case.number}/actions/{action}",
        json={"version": version, **given},
        headers=person.bearer,
    )


async def test_the_main_job(office: Office, client: httpx.AsyncClient) -> None:
    officer = await office.person(Role.OFFICER, name="小周")
    unit = await office.person(Role.UNIT, "zhujian", name="张工")
    case = await office.case(reporter_name="王阿姨", reporter_phone="13812345678")
    accepted = await act(client, officer, case, "accept", 1)
    assert (accepted.json()["status"], accepted.json()["version"]) == ("accepted", 2)
    assert (await client.get(f"/api/cases/{case.number}", headers=unit.bearer)).status_code == 404
    assigned = await act(client, officer, case, "assign", 2, unit=accepted.json()["proposed_unit"])
    assert (assigned.json()["unit"], assigned.json()["unit_name"]) == ("zhujian", "住建局")
    assert (await act(client, unit, case, "start", 3)).json()["status"] == "in_progress"
    assert (await act(client, unit, case, "note", 4, text="明天去看")).json()["version"] == 5
    resolved = (await act(client, unit, case, "resolve", 5, text="已修好")).json()
    assert (resolved["status"], resolved["due_at"], resolved["overdue"]) == ("resolved", None, False)
    assert [event["action"] for event in resolved["history"]] == [
        "register", "accept", "assign", "start", "note", "resolve",
    ]  # fmt: skip
    assert [event["staff"] for event in resolved["history"]] == ["", "小周", "小周", "张工", "张工", "张工"]
    assert resolved["history"][4]["notes"] == [{"audience": "resident", "text": "明天去看"}]
    assert resolved["parties"] == [{"role": "reporter", "name": "王阿姨", "phone": "138****5678"}]
    assert "13812345678" not in str(resolved)


async def test_one_click_accepts_and_assigns(office: Office, client: httpx.AsyncClient) -> None:
    officer, case = await office.person(Role.OFFICER), await office.case()
    wrong = await act(client, officer, case, "accept", 1, unit="nowhere")
    assert (wrong.status_code, wrong.json()["error"]) == (422, "bad_value")
    assert (await office.now(case)).version == 1
    right = await act(client, officer, case, "accept", 1, unit="renshe")
    assert (right.json()["status"], right.json()["unit"], right.json()["version"]) == (
        "assigned",
        "renshe",
        3,
    )
    first, second = right.json()["history"][1:]
    assert first["at"] == second["at"]


async def test_who_acts_on_an_old_version_learns_what_changed(
    office: Office, client: httpx.AsyncClient
) -> None:
    officer, case = await office.person(Role.OFFICER, name="小周"), await office.case()
    colleague = await office.person(Role.SUPERVISOR, name="林主任")
    assert (await act(client, colleague, case, "comment", 1, text="先打电话")).status_code == 200
    assert (await act(client, colleague, case, "accept", 2)).status_code == 200
    late = await act(client, officer, case, "refuse", 1, reason="不归这里管")
    assert late.status_code == 409
    told = late.json()
    assert (told["error"], told["facts"]) == ("stale_version", {"version": 1, "current": 3})
    assert [(c["action"], c["staff"], c["version"]) for c in told["changes"]] == [
        ("comment", "林主任", 2),
        ("accept", "林主任", 3),
    ]
    assert told["changes"][0]["notes"] == [{"audience": "staff", "text": "先打电话"}]
    future = await act(client, officer, case, "comment", 99, text="x")
    assert (future.status_code, future.json()["changes"]) == (409, [])


async def test_of_many_at_once_one_is_first(office: Office, client: httpx.AsyncClient) -> None:
    officers = [await office.person(Role.OFFICER) for _ in range(6)]
    case = await office.case()
    answers = await asyncio.gather(*(act(client, o, case, "accept", 1, unit="sifa") for o in officers))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert all(
        [c["action"] for c in answer.json()["changes"]] == ["accept", "assign"]
        for answer in answers
        if answer.status_code == 409
    )
    assert (await office.now(case)).version == 3


MALFORMED: list[dict[str, Any]] = [
    {},
    {"version": None},
    {"version": "one"},
    {"version": -1},
    {"version": 1.5},
    {"version": 1, "text": "x" * 2001},
    {"version": 1, "text": "a\0b"},
    {"version": 1, "text": 7},
    {"version": 1, "unit": "住建"},
    {"version": 1, "unit": "x" * 41},
    {"version": 1, "rating": 5},
    {"version": 1, "surprise": True},
]


@pytest.mark.parametrize("body", MALFORMED)
async def test_malformed(office: Office, client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    officer, case = await office.person(Role.OFFICER), await office.case()
    answer = await client.post(f"/api/cases/{case.number}/actions/note", json=body, headers=officer.bearer)
    assert (answer.status_code, answer.json()["error"]) == (422, "malformed")
    assert "xxxx" not in answer.text


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b'{"version": 1, "text": "\\ud800"}', b"\xff\xfe", b'{"version": 1e400}'],
)
async def test_not_even_json(office: Office, client: httpx.AsyncClient, content: bytes) -> None:
    officer, case = await office.person(Role.OFFICER), await office.case()
    answer = await client.post(
        f"/api/cases/{case.number}/actions/note",
        content=content,
        headers={**officer.bearer, "Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}


async def test_too_large(office: Office, client: httpx.AsyncClient) -> None:
    officer, case = await office.person(Role.OFFICER), await office.case()
    answer = await client.post(
        f"/api/cases/{case.number}/actions/note",
        content=b'{"version":1,"text":"' + b"x" * 100_000 + b'"}',
        headers={**officer.bearer, "Content-Type": "application/json"},
    )
    assert answer.status_code == 413


async def test_an_action_that_does_not_exist(office: Office, client: httpx.AsyncClient) -> None:
    officer, case = await office.person(Role.OFFICER), await office.case()
    assert (await act(client, officer, case, "explode", 1)).status_code == 422


@pytest.mark.parametrize("number", ["FQ2026-999999", "x", "%00", "FQ2026-000001%00", "../units", "1"])
async def test_a_case_that_does_not_exist(office: Office, client: httpx.AsyncClient, number: str) -> None:
    officer = await office.person(Role.OFFICER)
    seen = await client.get(f"/api/cases/{number}", headers=officer.bearer)
    assert seen.status_code == (200 if number == "../units" else 404)
    done = await client.post(
        f"/api/cases/{number}/actions/accept", json={"version": 1}, headers=officer.bearer
    )
    assert done.status_code == 404


async def test_units_are_apart(office: Office, client: httpx.AsyncClient) -> None:
    mine = await office.person(Role.UNIT, "sifa")
    theirs = await office.person(Role.UNIT, "renshe")
    case = await office.case()
    await office.act(case, Action.ACCEPT, OFFICER)
    case = await office.act(case, Action.ASSIGN, OFFICER, unit="sifa")
    hidden = await act(client, theirs, case, "start", case.version)
    assert (hidden.status_code, hidden.json()["error"]) == (404, "not_found")
    assert (await client.get("/api/cases", headers=theirs.bearer)).json()["total"] == 0
    assert (await client.get("/api/statistics", headers=theirs.bearer)).json()["total"] == 0
    assert (await client.get("/api/cases", headers=mine.bearer)).json()["total"] == 1
    assert (await act(client, mine, case, "accept", case.version)).status_code == 422
    assert (await act(client, mine, case, "withdraw", case.version, reason="x")).status_code == 403
    assert (await act(client, mine, case, "start", case.version)).status_code == 200
    await office.act(case, Action.RETURN, OFFICER, reason="换一家")
    await office.act(case, Action.ASSIGN, OFFICER, unit="renshe")
    assert (await client.get(f"/api/cases/{case.number}", headers=mine.bearer)).status_code == 404


async def test_who_was_let_go_can_do_nothing(office: Office, client: httpx.AsyncClient) -> None:
    from backend.organisation.accounts import set_active

    officer, case = await office.person(Role.OFFICER), await office.case()
    async with office.database.work() as work:
        await set_active(work, officer.member.id, False)
        await work.commit()
    assert (await act(client, officer, case, "accept", 1)).status_code == 401
