"""A resident who writes to the Telegram bot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

from backend.conversations.views import Sender
from bot.telegram.channel import NAME, TelegramChannel
from bot.telegram.webhook import HEADER
from tests.channels.phone import Act, Choice, NotTaken, Phone, Shown
from tests.telegram.emulator import BOT_ID
from tests.telegram.emulator import Shown as Bubble
from tests.telegram.phone import Phone as Telegram

CAN = frozenset(
    {"text", "choice", "image", "voice", "video", "file", "caption", "location", "contact", "edit", "open"}
    | {"sticker", "block"}
)


@dataclass
class TelegramPhone(Phone):
    """One private chat with the bot."""

    telegram: Telegram
    http: httpx.AsyncClient
    secret: str
    _looked: int = 0

    def __post_init__(self) -> None:
        self.capabilities = TelegramChannel.capabilities
        self.can = CAN

    @property
    def sender(self) -> Sender:
        return Sender(NAME, str(self.telegram.user_id))

    async def start(self) -> None:
        """There is no page to open."""

    def written(self, text: str) -> Act:
        return self._act("text", text=text)

    def tapped(self, choice: Choice, shown: Shown) -> Act:
        return Act("choice", self.telegram.callback(shown.handle, choice.handle))

    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        words = {"caption": caption} if caption else {}
        if kind == "image":
            update = self.telegram.photo(content, **words)
        else:
            file = {"file_id": self.telegram.emulator.give_file(content), "file_unique_id": "f"}
            file |= {"duration": 1, "width": 1, "height": 1, "file_name": name, "file_size": len(content)}
            field = {"voice": "voice", "video": "video", "file": "document"}[kind]
            update = self.telegram.message(**{field: file}, **words)
        return Act(kind, update, _id(update))

    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        place = {"latitude": latitude, "longitude": longitude}
        if not label:
            return self._act("location", location=place)
        return self._act("location", location=place, venue={"location": place, "title": label, "address": ""})

    def contact(self, phone: str, name: str, *, own: bool) -> Act:
        owner = self.telegram.user_id if own else 42
        return self._act("contact", contact={"phone_number": phone, "first_name": name, "user_id": owner})

    def edited(self, earlier: Act, text: str) -> Act:
        return Act("edit", self.telegram.edited(earlier.content, text=text))

    def opened(self, region: str = "") -> Act:
        return self._act("text", text=f"/start {region}".strip())

    def sticker(self) -> Act:
        file: dict[str, Any] = {"file_id": "s", "file_unique_id": "s", "type": "regular"}
        file |= {"width": 1, "height": 1, "is_animated": False, "is_video": False}
        return self._act("sticker", sticker=file)

    async def block(self) -> None:
        await self.deliver(Act("block", self.telegram.membership("member", "kicked")))

    async def unblock(self) -> None:
        await self.deliver(Act("block", self.telegram.membership("kicked", "member")))

    async def deliver(self, act: Act) -> None:
        status = await self._post(act.content, self.secret)
        if status != 200:
            raise NotTaken(str(status))

    async def look(self) -> None:
        new, self._looked = self.telegram.shown[self._looked :], len(self.telegram.shown)
        for bubble in new:
            self.screen.append(Shown(bubble.text, _choices(bubble), bubble.file, bubble))

    def shown(self, outgoing_id: int) -> Shown:
        mine = re.compile(rf"{outgoing_id}[:+]")
        tappable = [shown for shown in self.screen if shown.choices]
        return next(shown for shown in tappable if mine.match(shown.choices[0].handle))

    def waits(self) -> bool:
        actions = self.telegram.emulator.called("sendChatAction")
        return str(self.telegram.user_id) in [action["chat_id"] for action in actions]

    async def forge(self) -> int:
        return await self._post(self.written("x").content, "another secret")

    async def _post(self, update: dict[str, Any], secret: str) -> int:
        return (await self.http.post("/telegram", json=update, headers={HEADER: secret})).status_code

    def _act(self, kind: str, **content: Any) -> Act:
        update = self.telegram.message(**content)
        return Act(kind, update, _id(update))


def _choices(bubble: Bubble) -> tuple[Choice, ...]:
    """The numbered buttons; one without a number leaves the question."""
    words = [(button["text"], button["callback_data"]) for button in bubble.buttons]
    return tuple(Choice(*text.split(" ", 1), data) for text, data in words if text[:1].isdecimal())


def _id(update: dict[str, Any]) -> str:
    return f"{BOT_ID}.{update['message']['message_id']}"
