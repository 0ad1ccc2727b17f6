"""Lists, units, statistics, the documentation, and a database that is away."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from backend.cases.views import Actor
from backend.domain.lifecycle import Action, Role, Status
from tests.fixtures.staff import Clock, Office

OFFICER = Actor(Role.OFFICER)


async def test_a_list(office: Office, client: httpx.AsyncClient, clock: Clock) -> None:
    officer = await office.person(Role.OFFICER)
    leak = await office.case(
        summary="楼上漏水三次", category="neighbour", needs_review=True, crises=("violence",)
    )
    wages = await office.case(summary="工资不发", category="labour")
    await office.act(wages, Action.REFUSE, OFFICER, reason="去仲裁")

    async def found(**query: object) -> list[str]:
        answer = await client.get("/api/cases", params=query, headers=officer.bearer)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] >= len(answer.json()["items"])
        return [item["number"] for item in answer.json()["items"]]

    assert await found() == [leak.number, wages.number]
    assert await found(q="漏水") == [leak.number]
    assert await found(q=wages.number) == [wages.number]
    assert await found(status="refused") == [wages.number]
    assert set(await found(status=["refused", "received"])) == {leak.number, wages.number}
    assert await found(category="labour") == [wages.number]
    assert await found(unit="sifa") == []
    assert await found(needs_review=True) == [leak.number]
    assert await found(overdue=True) == []
    assert await found(limit=1, offset=1) == [wages.number]
    assert await found(q="\0:*&!'") == [leak.number, wages.number]
    clock.forward(days=15)
    officer = await office.person(Role.OFFICER)
    office.database.clock = clock
    officer = await office.person(Role.OFFICER)
    assert await found(overdue=True) == [leak.number]
    item = (await client.get("/api/cases", headers=officer.bearer)).json()["items"][0]
    assert item["overdue"] is True
    assert item["crises"] == ["violence"]
    assert "history" not in item and "parties" not in item


@pytest.mark.parametrize(
    "query",
    [
        "status=gone",
        "limit=0",
        "limit=201",
        "offset=-1",
        "offset=99999999",
        "category=%00",
        "unit=住建",
        "q=" + "x" * 201,
    ],
)
async def test_a_malformed_list(office: Office, client: httpx.AsyncClient, query: str) -> None:
    officer = await office.person(Role.OFFICER)
    assert (await client.get(f"/api/cases?{query}", headers=officer.bearer)).status_code == 422


async def test_units(office: Office, client: httpx.AsyncClient) -> None:
    unit = await office.person(Role.UNIT, "sifa")
    units = (await client.get("/api/units", headers=unit.bearer)).json()
    assert units[0] == {"code": "centre", "name": "综治中心", "is_centre": True}
    assert len(units) == 7


async def test_statistics(office: Office, client: httpx.AsyncClient, clock: Clock) -> None:
    officer = await office.person(Role.OFFICER)
    empty = (await client.get("/api/statistics", headers=officer.bearer)).json()
    assert (empty["total"], empty["on_time_rate"], empty["satisfaction_rate"], empty["average_rating"]) == (
        0, None, None, None,
    )  # fmt: skip
    assert empty["by_status"] == {status.value: 0 for status in Status}
    assert empty["ratings"] == {str(rating): 0 for rating in range(1, 6)}
    for rating in (5, 2, 4):
        resident = await office.resident()
        case = await office.case(resident)
        await office.act(case, Action.ACCEPT, OFFICER)
        await office.act(case, Action.ASSIGN, OFFICER, unit="zhujian")
        resolved = await office.act(case, Action.RESOLVE, OFFICER, text="好了")
        after = await office.rate(resolved, resident, rating)
    assert (after.rating, after.status) == (4, Status.CLOSED)
    await office.rate(after, resident, 3)
    await office.case(category="labour")
    clock.forward(days=30)
    office.database.clock = clock
    officer, unit = await office.person(Role.OFFICER), await office.person(Role.UNIT, "zhujian")
    late = await office.now(case)
    assert late.status is Status.CLOSED
    figures = (await client.get("/api/statistics", headers=officer.bearer)).json()
    assert figures["total"] == 4
    assert figures["by_status"] | {"closed": 2, "assigned": 1, "received": 1} == figures["by_status"]
    assert figures["by_category"] == {"property": 3, "labour": 1}
    assert figures["by_unit"] == {"zhujian": 3}
    assert figures["overdue"] == 2
    assert (figures["resolved"], figures["on_time_rate"]) == (3, 1.0)
    assert figures["ratings"] == {"1": 0, "2": 1, "3": 1, "4": 0, "5": 1}
    assert figures["satisfaction_rate"] == 0.6667
    assert figures["average_rating"] == 3.3333
    theirs = (await client.get("/api/statistics", headers=unit.bearer)).json()
    assert (theirs["total"], theirs["overdue"], theirs["resolved"]) == (3, 1, 3)


async def test_a_late_result_lowers_the_rate(office: Office, client: httpx.AsyncClient, clock: Clock) -> None:
    case = await office.case()
    await office.act(case, Action.ACCEPT, OFFICER)
    await office.act(case, Action.ASSIGN, OFFICER, unit="zhujian")
    clock.forward(days=40)
    office.database.clock = clock
    await office.act(case, Action.RESOLVE, OFFICER, text="晚了")
    officer = await office.person(Role.OFFICER)
    figures = (await client.get("/api/statistics", headers=officer.bearer)).json()
    assert (figures["resolved"], figures["on_time_rate"]) == (1, 0.0)


async def test_the_api_describes_itself_without_another_host(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/openapi.json")).json()
    assert set(described["paths"]) == {
        "/api/token",
        "/api/cases",
        "/api/cases/{number}",
        "/api/cases/{number}/actions/{action}",
        "/api/units",
        "/api/statistics",
    }
    assert described["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"]
    assert "version" in described["components"]["schemas"]["ActionIn"]["required"]
    page = await client.get("/api/docs")
    assert page.status_code == 200
    assert "http://" not in page.text and "https://" not in page.text
    assert (await client.get("/api/docs.js")).headers["Content-Type"].startswith("text/javascript")


async def test_without_the_database(office: Office, staff_app: FastAPI, client: httpx.AsyncClient) -> None:
    from backend.db.database import Database

    officer = await office.person(Role.OFFICER)
    broken = Database("postgresql://nobody@127.0.0.1:1/none")
    object.__setattr__(staff_app.state.parts, "database", broken)
    for path in ("/api/cases", "/api/units", "/api/statistics"):
        answer = await client.get(path, headers=officer.bearer)
        assert (answer.status_code, answer.json()["error"]) == (503, "database_unavailable")
        assert answer.headers["Retry-After"]
    page = await client.get("/", headers={"Cookie": f"fengqiao={officer.session.token}"})
    assert page.status_code == 503
    assert "数据库连接不上" in page.text
    await broken.close()
