"""The web chat in a browser, as its page talks to the server."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.conversations.views import Sender
from bot.webchat.channel import NAME, WebChannel
from bot.webchat.devices import COOKIE
from tests.channels.phone import Act, Choice, NotTaken, Phone, Shown

_ids = itertools.count(1)


CAN = frozenset({"text", "choice", "image", "voice", "video", "file", "caption", "location", "open"})


@dataclass
class WebPhone(Phone):
    """One browser."""

    http: httpx.AsyncClient
    _known: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.capabilities = WebChannel.capabilities
        self.can = CAN

    @property
    def sender(self) -> Sender:
        return Sender(NAME, self.http.cookies[COOKIE].strip('"').rpartition(".")[0])

    async def start(self) -> None:
        assert (await self.http.get("/")).status_code == 200

    def written(self, text: str) -> Act:
        return self._json("text", text=text)

    def tapped(self, choice: Choice, shown: Shown) -> Act:
        return self._json("choice", choice=choice.handle, prompt_id=shown.handle)

    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        message_id = f"m{next(_ids)}"
        form = {
            "data": {"id": message_id, "text": caption},
            "files": {"file": (name or "recording", content)},
        }
        return Act(kind, form, message_id)

    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        return self._json("location", latitude=latitude, longitude=longitude, text=label)

    def opened(self, region: str = "") -> Act:
        return self._json("open", scene=region)

    async def deliver(self, act: Act) -> None:
        headers = {"X-Requested-With": "chat"}
        response = await self.http.post("/chat/messages", headers=headers, **act.content)
        if response.status_code != 200:
            raise NotTaken(str(response.status_code))
        self._show(response.json()["messages"])

    async def look(self) -> None:
        items = (await self.http.get("/chat/history")).json()["items"]
        self._show([item for item in items if item["direction"] == "out"])
        for item in items:
            for attachment_id in item["attachments"] if item["direction"] == "out" else ():
                self._pictures[attachment_id] = (
                    await self.http.get(f"/chat/attachments/{attachment_id}")
                ).content
                self._put_picture(item["id"], attachment_id)

    _pictures: dict[int, bytes] = field(default_factory=dict)

    def shown(self, outgoing_id: int) -> Shown:
        return next(shown for shown in self.screen if shown.handle == outgoing_id)

    async def forge(self) -> int:
        body = {"id": "forged", "kind": "text", "text": "x"}
        headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        return (await self.http.post("/chat/messages", json=body, headers=headers)).status_code

    def _json(self, kind: str, **fields: Any) -> Act:
        message_id = f"m{next(_ids)}"
        return Act(kind, {"json": {"id": message_id, "kind": kind} | fields}, message_id)

    def _show(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            if item["id"] not in self._known:
                self._known.add(item["id"])
                choices = tuple(Choice(c["number"], c["label"], c["id"]) for c in item["choices"])
                self.screen.append(Shown(item["text"], choices, handle=item["id"]))

    def _put_picture(self, item_id: int, attachment_id: int) -> None:
        for place, shown in enumerate(self.screen):
            if shown.handle == item_id:
                content = self._pictures[attachment_id]
                self.screen[place] = Shown(shown.text, shown.choices, content, shown.handle)
