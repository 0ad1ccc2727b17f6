"""`POST /webhook`: what is let in, what is not, and what the settings must be."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.db.database import DatabaseUnavailable
from backend.live import Live
from backend.settings import Settings, SettingsError
from bot.channel import Listening
from bot.compose import composed
from bot.registry import check_channels
from bot.webhook import registration, routes
from tests.channels.integrator import SECRET, signed
from tests.fixtures.settings import MakeSettings

OTHER = "whsec_" + base64.b64encode(b"quite another secret, also long").decode()


def said(text: str = "楼上漏水", **more: Any) -> bytes:
    data = {"user": "caller-1", "text": text} | more
    event = {"type": "resident.text", "timestamp": datetime.now(UTC).isoformat(), "data": data}
    return json.dumps(event).encode()


@asynccontextmanager
async def entrance(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with composed(settings) as made:
        listening = Listening(settings, made.parts, Live(made.parts.database.conninfo, None), None, "key")
        app = FastAPI()
        app.include_router(registration.REGISTRATION.router(listening, made.channels["webhook"]))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield http


async def post(
    http: httpx.AsyncClient, body: bytes, message_id: str = "act_1", secret: str = SECRET
) -> httpx.Response:
    headers = signed(secret, message_id, datetime.now(UTC), body)
    return await http.post("/webhook", content=body, headers=headers)


async def test_what_is_let_in_and_what_is_not(settings: MakeSettings) -> None:
    chosen = settings(
        webhook_secret=SECRET, webhook_secret_previous=OTHER, attachment_max_bytes=1000, video_max_bytes=1000
    )
    async with entrance(chosen) as http:
        first = await post(http, said())
        assert first.status_code == 200 and first.json()["messages"][0]["kind"] == "reply"
        assert (await post(http, said())).json() == first.json(), "the same id again has the same answer"
        assert (await post(http, said("？"), "act_2", OTHER)).status_code == 200
        stranger = "whsec_" + base64.b64encode(b"nobody knows this secret").decode()
        refused = await post(http, said(), "act_3", stranger)
        assert (refused.status_code, refused.json()["error"]) == (403, "not_authentic")
        assert "signature" in refused.json()["message"]
        assert (await http.post("/webhook", content=said())).status_code == 403
        large = await post(http, said("x" * 200_000), "act_4")
        assert (large.status_code, large.json()["error"]) == (413, "too_large")
        wrong = await post(http, said(url="https://x.test"), "act_5")
        assert (wrong.status_code, wrong.json()["error"]) == (422, "malformed")
        assert wrong.json()["problems"] == [{"where": "data.url", "problem": "is not known here"}]
        for answer in (first, refused, large, wrong):
            assert answer.headers["cache-control"] == "no-store"


async def test_a_body_without_end_is_not_read_to_it(settings: MakeSettings) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            taken.append(1)
            yield b"x" * 100_000

    taken: list[int] = []
    chosen = settings(webhook_secret=SECRET, attachment_max_bytes=1000, video_max_bytes=1000)
    async with entrance(chosen) as http:
        headers = signed(SECRET, "act_1", datetime.now(UTC), b"")
        answer = await http.post("/webhook", content=endless(), headers=headers)
        assert answer.status_code == 413
    assert len(taken) < 100


async def test_without_the_database_nothing_is_promised(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable

    async with entrance(settings(webhook_secret=SECRET)) as http:
        monkeypatch.setattr(routes, "handle", away)
        answer = await post(http, said())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        monkeypatch.undo()
        assert (await post(http, said())).json()["messages"], "the same id is taken now"


async def test_off_it_says_which_setting_is_missing() -> None:
    app = FastAPI()
    app.include_router(routes.closed_router())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.post("/webhook", content=said())
    assert answer.status_code == 404 and "WEBHOOK_SECRET" in answer.json()["message"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"webhook_secret": "secret"}, "WEBHOOK_SECRET: looks like whsec_"),
        ({"webhook_secret": SECRET, "webhook_secret_previous": "x"}, "WEBHOOK_SECRET_PREVIOUS: looks like"),
        ({"webhook_secret": SECRET, "webhook_url": "https://"}, "WEBHOOK_URL: looks like"),
        ({"webhook_secret": SECRET, "webhook_url": "https://[::1"}, "WEBHOOK_URL: looks like"),
    ],
)
def test_settings_that_cannot_work(settings: MakeSettings, fields: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as raised:
        check_channels(settings(**fields))
    assert fields["webhook_secret"] == SECRET or "secret" not in str(raised.value).lower().replace(
        "webhook_secret", ""
    )


def test_it_is_off_unless_a_secret_is_set(settings: MakeSettings) -> None:
    assert not registration.REGISTRATION.enabled(settings())
    check_channels(settings(webhook_secret=SECRET, webhook_url="https://hotline.test/messages"))
