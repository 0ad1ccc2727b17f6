"""The emulator keeps WeChat's published limits: what passes here would pass there."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID
from tests.wechat.emulator import Emulator
from tests.wechat.limits import FORCED_A_DAY


@pytest.fixture
def http(emulator: Emulator) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(emulator.app), base_url="http://wechat/")


async def token(http: httpx.AsyncClient, *, force: bool = False) -> dict[str, object]:
    body = {
        "grant_type": "client_credential",
        "appid": APP_ID,
        "secret": "app-secret",
        "force_refresh": force,
    }
    return dict((await http.post("cgi-bin/stable_token", json=body)).json())


async def send(
    http: httpx.AsyncClient, access_token: object, content: str = "您好", openid: str = "o1"
) -> int:
    body = json.dumps({"touser": openid, "msgtype": "text", "text": {"content": content}}, ensure_ascii=False)
    response = await http.post(
        "cgi-bin/message/custom/send", params={"access_token": str(access_token)}, content=body.encode()
    )
    return int(response.json()["errcode"])


async def test_stable_token(http: httpx.AsyncClient, emulator: Emulator, clock: SimulatedClock) -> None:
    emulator.user_did("o1")
    first = await token(http)
    assert first["expires_in"] == 7200
    clock.advance(seconds=6800)
    assert await token(http) == {"access_token": first["access_token"], "expires_in": 400}
    clock.advance(seconds=110)
    second = await token(http)
    assert second["access_token"] != first["access_token"]
    # For the rest of its time the old one works beside the new one.
    assert await send(http, first["access_token"]) == 0
    clock.advance(seconds=300)
    assert await send(http, first["access_token"]) == 42001
    assert await send(http, second["access_token"]) == 0
    assert await send(http, "nonsense") == 40001
    assert await send(http, "") == 41001


async def test_forced_renewal(http: httpx.AsyncClient, emulator: Emulator, clock: SimulatedClock) -> None:
    emulator.user_did("o1")
    first = await token(http)
    forced = await token(http, force=True)
    assert await send(http, first["access_token"]) == 40001
    assert await send(http, forced["access_token"]) == 0
    assert await token(http, force=True) == forced, "within 30 s nothing is renewed"
    for _ in range(FORCED_A_DAY - 1):
        clock.advance(seconds=31)
        assert "access_token" in await token(http, force=True)
    clock.advance(seconds=31)
    assert (await token(http, force=True))["errcode"] == 45009


@pytest.mark.parametrize(
    ("what", "allowed", "seconds"),
    [("message", 5, 48 * 3600), ("menu", 3, 60), ("follow", 3, 60), ("scan", 3, 60)],
)
async def test_windows(
    http: httpx.AsyncClient, emulator: Emulator, clock: SimulatedClock, what: str, allowed: int, seconds: int
) -> None:
    access_token = (await token(http))["access_token"]
    assert await send(http, access_token) == 45015
    emulator.user_did("o1", what)
    assert [await send(http, access_token) for _ in range(allowed + 1)] == [0] * allowed + [45047]
    emulator.user_did("o1", what)
    clock.advance(seconds=seconds)
    assert await send(http, (await token(http))["access_token"]) == 45015
    assert len(emulator.sent) == allowed


async def test_texts(http: httpx.AsyncClient, emulator: Emulator) -> None:
    access_token = (await token(http))["access_token"]
    emulator.user_did("o1")
    assert await send(http, access_token, "字" * 682) == 0
    assert await send(http, access_token, "字" * 683) == 45002
    assert await send(http, access_token, "") == 44004
    assert await send(http, access_token, openid="nobody") == 40003
    emulator.refuse_messages("o1")
    assert await send(http, access_token) == 48002
    emulator.unfollow("o1")
    assert await send(http, access_token) == 43004
    for wrong in (b"", b"[]", b"{"):
        response = await http.post(
            "cgi-bin/message/custom/send", params={"access_token": str(access_token)}, content=wrong
        )
        assert response.json()["errcode"] == 47001
