"""`POST /api/token`: who gets a token, how often they may try, and how long it lasts."""

from __future__ import annotations

import httpx
import pytest

from backend.organisation import accounts
from backend.organisation.throttle import PER_USER
from tests.fixtures.staff import Clock, Office

PASSWORD = "a long enough password"


@pytest.fixture
async def admin(office: Office) -> None:
    async with office.database.work() as work:
        await accounts.ensure_admin(work, PASSWORD)
        await work.commit()


async def ask(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    return await client.post(
        "/api/token", data={"grant_type": "password", "username": username, "password": password}
    )


async def test_right_password_opens_the_api(client: httpx.AsyncClient, admin: None) -> None:
    answer = await ask(client, "Admin", PASSWORD)
    assert answer.status_code == 200
    token = answer.json()
    assert token["token_type"] == "bearer"
    assert token["expires_in"] == 12 * 3600
    assert token["must_change_password"] is False
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await client.get("/api/units", headers=bearer)).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [("admin", "wrong"), ("nobody", PASSWORD), ("admin", ""), ("ad\0min", "x"), ("管理员", "口令"), ("", "")],
)
async def test_wrong_is_wrong(client: httpx.AsyncClient, admin: None, username: str, password: str) -> None:
    answer = await ask(client, username, password)
    assert answer.status_code in {401, 422}


async def test_a_token_ends_after_twelve_hours(client: httpx.AsyncClient, admin: None, clock: Clock) -> None:
    bearer = {"Authorization": f"Bearer {(await ask(client, 'admin', PASSWORD)).json()['access_token']}"}
    clock.forward(hours=11, minutes=59)
    assert (await client.get("/api/units", headers=bearer)).status_code == 200
    clock.forward(minutes=2)
    assert (await client.get("/api/units", headers=bearer)).status_code == 401


async def test_guessing_is_slowed_down_per_user(client: httpx.AsyncClient, admin: None) -> None:
    for _ in range(PER_USER.amount):
        assert (await ask(client, "admin", "wrong")).status_code == 401
    answer = await ask(client, "admin", PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_right_password_starts_anew(client: httpx.AsyncClient, admin: None) -> None:
    for _ in range(3):
        for _ in range(PER_USER.amount - 1):
            assert (await ask(client, "admin", "wrong")).status_code == 401
        assert (await ask(client, "admin", PASSWORD)).status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer x", "Bearer 口令".encode(), "Basic eDp5"])
async def test_without_a_token_nothing(client: httpx.AsyncClient, header: str | bytes | None) -> None:
    headers = {"Authorization": header} if header else {}
    for path in ("/api/cases", "/api/cases/FQ2026-000001", "/api/units", "/api/statistics"):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
