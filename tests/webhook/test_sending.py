"""Posting to an integrator: what is sent, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from backend.conversations.views import Sender
from bot.stored_files import StoredFile
from bot.webhook.channel import WebhookChannel
from bot.webhook.signature import Keys, open_envelope
from dialogs.messages import Choice
from handlers.messages import Outcome, Rendered, Sent, TryLater, Undeliverable
from tests.channels.integrator import SECRET

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RESIDENT = Sender("webhook", "caller-1")
MESSAGE = Rendered(
    57, "您满意吗？", choices=(Choice("5"),), labels=("非常满意",), numbers=("5",), kind="survey"
)

TOO_FAST = "webhook_429_too_fast"

Answer = Callable[[httpx.Request], httpx.Response]


async def open_file(attachment_id: int) -> StoredFile:
    if attachment_id != 1:
        raise LookupError("missing")
    return StoredFile(b"\xff\xd8", "流程.jpg", "image/jpeg")


async def send(
    answer: Answer, message: Rendered = MESSAGE, url: str = "https://hotline.test/messages"
) -> Outcome:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    channel = WebhookChannel(http, url, Keys([SECRET]), open_file, lambda: NOW)
    try:
        return await channel.send(RESIDENT, message)
    finally:
        await channel.aclose()


async def test_what_is_posted() -> None:
    posted: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        posted.append(request)
        return httpx.Response(204)

    picture = Rendered(58, "请看", attachment_id=1, kind="chat", created_at=NOW - timedelta(hours=1))
    for message in (MESSAGE, MESSAGE, picture):
        assert await send(answer, message) == Sent("webhook")
    assert [request.headers["webhook-id"] for request in posted] == ["message_57", "message_57", "message_58"]
    for request in posted:
        Keys([SECRET]).verify(open_envelope(request.headers, NOW), request.content)
    event = json.loads(posted[0].content)
    assert event == {
        "type": "message.created",
        "timestamp": "2026-11-23T02:00:00Z",
        "data": {
            "id": 57,
            "user": "caller-1",
            "kind": "survey",
            "text": "您满意吗？",
            "choices": [{"id": "5", "label": "非常满意", "number": "5"}],
            "asks": "",
            "skip": "",
            "file": None,
            "created_at": "2026-11-23T02:00:00Z",
        },
    }
    data = json.loads(posted[2].content)["data"]
    assert data["file"] == {"name": "流程.jpg", "type": "image/jpeg", "content": "/9g="}
    assert data["created_at"] == "2026-11-23T01:00:00Z"


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (200, {}, Sent("webhook")),
        (202, {}, Sent("webhook")),
        (302, {"location": "https://elsewhere.test/"}, TryLater("webhook_302_not_taken")),
        (400, {}, TryLater("webhook_400_not_taken")),
        (401, {}, TryLater("webhook_401_not_taken")),
        (404, {}, TryLater("webhook_404_not_taken")),
        (408, {}, TryLater("webhook_408_timed_out")),
        (410, {}, Undeliverable("webhook_410_gone", at_next_contact=True)),
        (413, {}, Undeliverable("webhook_413_too_large")),
        (
            429,
            {"retry-after": "30"},
            TryLater("webhook_429_too_fast", after=timedelta(seconds=30), fewer=True),
        ),
        (429, {"retry-after": "0"}, TryLater("webhook_429_too_fast", after=timedelta(seconds=1), fewer=True)),
        (500, {}, TryLater("webhook_500_not_taken")),
        (502, {"retry-after": "soon"}, TryLater("webhook_502_unavailable")),
        (503, {"retry-after": "9" * 40}, TryLater("webhook_503_unavailable", after=timedelta(hours=1))),
        (
            503,
            {"retry-after": "Mon, 23 Nov 2026 02:10:00 GMT"},
            TryLater("webhook_503_unavailable", after=timedelta(minutes=10)),
        ),
        (
            503,
            {"retry-after": "Mon, 23 Nov 2020 02:10:00 GMT"},
            TryLater("webhook_503_unavailable", after=timedelta(seconds=1)),
        ),
        (
            503,
            {"retry-after": "Mon, 23 Nov 2026 02:10:00 +99999999999999"},
            TryLater("webhook_503_unavailable"),
        ),
        (
            503,
            {"retry-after": "Mon, 23 Nov 99999999999999999999 02:10:00 GMT"},
            TryLater("webhook_503_unavailable"),
        ),
        (504, {}, TryLater("webhook_504_unavailable")),
        (599, {}, TryLater("webhook_599_not_taken")),
    ],
)
async def test_what_an_answer_means(status: int, headers: dict[str, str], outcome: Outcome) -> None:
    assert await send(lambda request: httpx.Response(status, headers=headers)) == outcome


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_no_answer(error: type[httpx.RequestError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    assert await send(answer) == TryLater("webhook_unreachable")


async def test_what_cannot_be_posted() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("posted")

    assert await send(answer, url="") == Undeliverable("webhook_no_url", at_next_contact=True)
    lost = Rendered(59, "请看", attachment_id=2)
    assert await send(answer, lost) == Undeliverable("attachment_missing")
