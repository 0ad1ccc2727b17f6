"""An integrator's system: signs what residents do, and takes what it is posted as the specification says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


def mac(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature, made without the project's own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signed(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a request."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": mac(secret, message_id, timestamp, body),
    }


class Integrator:
    """Keeps what it was posted, once each; who is in `gone` cannot be reached."""

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.posted: list[dict[str, Any]] = []
        """The messages, in order."""
        self.seen: Counter[str] = Counter()
        """How often each `webhook-id` was posted."""
        self.gone: set[str] = set()
        self.answers: list[Response] = []
        """Answers to the next posts, before they are looked at."""
        self.app = Starlette(routes=[Route("/messages", self._take, methods=["POST"])])

    def of(self, user: str) -> list[dict[str, Any]]:
        """What was posted for one resident."""
        return [message for message in self.posted if message["user"] == user]

    def check_answer(self, message_id: str, headers: Mapping[str, str], body: bytes) -> None:
        """An answer is signed as a push is, under the id of what it answers."""
        assert headers["webhook-id"] == message_id
        expected = mac(self.secret, message_id, headers["webhook-timestamp"], body)
        assert expected in headers["webhook-signature"].split(" ")

    async def _take(self, request: Request) -> Response:
        body, headers = await request.body(), request.headers
        message_id = headers["webhook-id"]
        if mac(self.secret, message_id, headers["webhook-timestamp"], body) not in headers[
            "webhook-signature"
        ].split(" "):
            return Response("not authentic", 401)
        if self.answers:
            return self.answers.pop(0)
        event = json.loads(body)
        assert event["type"] == "message.created"
        if event["data"]["user"] in self.gone:
            return Response("gone", 410)
        self.seen[message_id] += 1
        if self.seen[message_id] == 1:
            self.posted.append(event["data"])
        return Response(status_code=204)


Now = Callable[[], datetime]
