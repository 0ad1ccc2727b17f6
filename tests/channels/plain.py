"""The poorest channel that can be added: short lines of words, like text messages. A package and one line."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import APIRouter, HTTPException, Request

from backend.conversations.views import Sender
from bot.channel import Listening, Registration
from handlers.incoming import claim, handle
from handlers.messages import Capabilities, IncomingMessage, Outcome, Rendered, Sent
from tests.channels.phone import Act, Choice, NotTaken, Phone, Shown

NAME = "plain"
_ids = itertools.count(1)


class PlainChannel:
    """Sends to phones in memory."""

    name = NAME
    capabilities = Capabilities(reply="passive", max_bytes=900)

    def __init__(self) -> None:
        self.sent: list[tuple[str, Rendered]] = []

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        self.sent.append((address.user_id, message))
        return Sent("plain")

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        raise LookupError(remote_id)


def router(listening: Listening, channel: PlainChannel) -> APIRouter:
    routes, parts = APIRouter(), listening.parts

    @routes.post("/plain")
    async def receive(request: Request) -> list[str]:
        if request.headers.get("x-token") != "plain":
            raise HTTPException(403)
        said = await request.json()
        sender, now = Sender(NAME, said["from"]), parts.database.clock()
        message = IncomingMessage(sender, said["id"], "text", now, said["text"])
        replies = await claim(parts, await handle(parts, message), channel.capabilities)
        return [reply.text for reply in replies]

    return routes


REGISTRATION = Registration[PlainChannel](
    name=NAME,
    enabled=lambda settings: True,
    channel=lambda surroundings: PlainChannel(),
    router=router,
    pictures=lambda settings: False,
)


CAN = frozenset({"text"})


@dataclass
class PlainPhone(Phone):
    """An old mobile phone."""

    http: httpx.AsyncClient
    channel: PlainChannel
    number: str = field(default_factory=lambda: f"1390000{next(_ids):04d}")
    _looked: int = 0

    def __post_init__(self) -> None:
        self.capabilities = PlainChannel.capabilities
        self.can = CAN
        self._looked = len(self.channel.sent)

    @property
    def sender(self) -> Sender:
        return Sender(NAME, self.number)

    async def start(self) -> None:
        """There is no page to open."""

    def written(self, text: str) -> Act:
        said = {"id": f"p{next(_ids)}", "from": self.number, "text": text}
        return Act("text", said, said["id"])

    def tapped(self, choice: Choice, shown: Shown) -> Act:
        raise NotImplementedError

    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        raise NotImplementedError

    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        raise NotImplementedError

    async def deliver(self, act: Act) -> None:
        status, replies = await self._post(act.content, "plain")
        if status != 200:
            raise NotTaken(str(status))
        self.screen += [Shown(words) for words in replies]

    async def look(self) -> None:
        new, self._looked = self.channel.sent[self._looked :], len(self.channel.sent)
        self.screen += [Shown(message.text) for number, message in new if number == self.number]

    async def forge(self) -> int:
        return (await self._post(self.written("x").content, "another"))[0]

    async def _post(self, said: dict[str, Any], token: str) -> tuple[int, Any]:
        response = await self.http.post("/plain", json=said, headers={"x-token": token})
        return response.status_code, response.json()
