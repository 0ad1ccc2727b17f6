"""Somebody who calls a hotline or uses a community's app that passes everything on."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from backend.conversations.views import Sender
from bot.webhook.channel import WebhookChannel
from bot.webhook.events import NAME
from tests.channels.integrator import Integrator, signed
from tests.channels.phone import Act, Choice, NotTaken, Phone, Shown

_ids = itertools.count(1)


CAN = frozenset(
    {"text", "choice", "image", "voice", "video", "file", "caption", "location", "contact", "edit", "open"}
    | {"block"}
)


@dataclass
class WebhookPhone(Phone):
    """One resident of an integrator's."""

    http: httpx.AsyncClient
    integrator: Integrator
    now: Callable[[], datetime]
    user: str = field(default_factory=lambda: f"caller-{next(_ids)}")
    _known: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.capabilities = WebhookChannel.capabilities
        self.can = CAN

    @property
    def sender(self) -> Sender:
        return Sender(NAME, self.user)

    async def start(self) -> None:
        """There is no page to open."""

    def written(self, text: str) -> Act:
        return self._act("text", text=text)

    def tapped(self, choice: Choice, shown: Shown) -> Act:
        return self._act("choice", message=shown.handle, choice=choice.handle)

    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        file = {"content": base64.b64encode(content).decode(), "name": name}
        return self._act("files", files=[file], text=caption)

    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        return self._act("location", latitude=latitude, longitude=longitude, label=label)

    def contact(self, phone: str, name: str, *, own: bool) -> Act:
        return self._act("contact", phone=phone, name=name, own=own)

    def edited(self, earlier: Act, text: str) -> Act:
        return self._act("edited", edits=earlier.message_id, text=text)

    def opened(self, region: str = "") -> Act:
        return self._act("opened", region=region)

    async def block(self) -> None:
        self.integrator.gone.add(self.user)

    async def unblock(self) -> None:
        self.integrator.gone.discard(self.user)
        await self.deliver(self._act("returned"))

    async def deliver(self, act: Act) -> None:
        body = json.dumps(act.content).encode()
        headers = signed(self.integrator.secret, act.message_id, self.now(), body)
        response = await self.http.post("/webhook", content=body, headers=headers)
        if response.status_code != 200:
            raise NotTaken(f"{response.status_code} {response.text}")
        self.integrator.check_answer(act.message_id, response.headers, response.content)
        self._show(response.json()["messages"])

    async def look(self) -> None:
        self._show(self.integrator.of(self.user))

    def shown(self, outgoing_id: int) -> Shown:
        return next(shown for shown in self.screen if shown.handle == outgoing_id)

    async def forge(self) -> int:
        act = self.written("x")
        body = json.dumps(act.content).encode()
        headers = signed(
            "whsec_" + base64.b64encode(b"another secret of 24 bytes").decode(), "x", self.now(), body
        )
        return (await self.http.post("/webhook", content=body, headers=headers)).status_code

    def _act(self, kind: str, **data: Any) -> Act:
        timestamp = self.now().isoformat()
        event = {"type": f"resident.{kind}", "timestamp": timestamp, "data": {"user": self.user} | data}
        return Act(kind, event, f"act_{next(_ids)}")

    def _show(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message["id"] in self._known:
                continue
            self._known.add(message["id"])
            choices = tuple(Choice(c["number"], c["label"], c["id"]) for c in message["choices"])
            file = base64.b64decode(message["file"]["content"]) if message["file"] else b""
            self.screen.append(Shown(message["text"], choices, file, message["id"]))
