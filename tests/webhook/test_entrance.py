"""`POST /webhook`: what is let in, what is not, and what the settings must be."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import standardwebhooks
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
        assert (await post(http, said("别的话"))).json() == first.json(), "whatever it holds then"
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


async def test_an_answer_is_signed_under_the_id_of_what_it_answers(settings: MakeSettings) -> None:
    async with entrance(settings(webhook_secret=SECRET, webhook_secret_previous=OTHER)) as http:
        answer = await post(http, said(), "act_7")
        assert answer.json()["messages"]
        for secret in (SECRET, OTHER):
            # The specification's own library, as an integrator would use it.
            assert (
                standardwebhooks.Webhook(secret).verify(answer.content, dict(answer.headers)) == answer.json()
            )
        assert answer.headers["webhook-id"] == "act_7"
        changed = answer.content.replace(b"messages", b"massages")
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(SECRET).verify(changed, dict(answer.headers))
        wrong = await post(http, said(url="https://x.test"), "act_8")
        assert wrong.status_code == 422 and "webhook-signature" not in wrong.headers


def test_the_largest_body_is_the_one_that_is_written_down(settings: MakeSettings) -> None:
    chosen = settings()
    largest = routes.largest_body(max(chosen.attachment_max_bytes, chosen.video_max_bytes))
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
    assert f"have {largest:,} bytes" in page


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


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://user:word@hotline.test:8080/messages?key=1", True),
        ("http://10.0.0.7/messages", True),
        ("https://hotline.test/messages", False),
        ("http://127.0.0.1:9000", False),
        ("http://127.8.0.1:9000", False),
        ("http://localhost:9000", False),
        ("http://[::1]:9000", False),
        ("", False),
    ],
)
async def test_words_that_travel_in_clear_are_said_at_the_start(
    settings: MakeSettings, caplog: pytest.LogCaptureFixture, url: str, clear: bool
) -> None:
    async with composed(settings(webhook_secret=SECRET, webhook_url=url)):
        said = [record for record in caplog.records if record.name == registration.__name__]
    assert [record.levelname for record in said] == ["WARNING"] * clear
    for record in said:
        assert "WEBHOOK_URL" in record.message
        assert "user:word" not in str(vars(record)) and "key=1" not in str(vars(record))


def test_it_is_off_unless_a_secret_is_set(settings: MakeSettings) -> None:
    assert not registration.REGISTRATION.enabled(settings())
    check_channels(settings(webhook_secret=SECRET, webhook_url="https://hotline.test/messages"))
