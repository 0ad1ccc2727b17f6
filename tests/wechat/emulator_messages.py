"""The emulated account's messages: customer service, templates, subscription notices."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.wechat.limits import FIELDS, TEXT_BYTES, TYPING_AFTER, Error, User

_msgids = itertools.count(2_918_131_553_548_107_776)


@dataclass
class Sent:
    """A message that reached a resident's phone."""

    openid: str
    kind: str
    content: str
    at: datetime
    msgid: str = ""
    items: tuple[tuple[str, str], ...] = ()
    """What can be tapped: (id, words)."""
    data: Mapping[str, str] | None = None
    """A template's fields."""
    url: str = ""


class Messages:
    """What the account may send, and what was sent."""

    def __init__(
        self, users: defaultdict[str, User], clock: Callable[[], datetime], media: Mapping[str, object]
    ) -> None:
        self.users = users
        self.clock = clock
        self.media = media
        self.sent: list[Sent] = []
        self.service_rights = True
        self.verified = True
        """Only a verified account may send menus and templates."""
        self.templates: dict[str, tuple[str, ...]] = {}
        """Template id → its fields, of templates and of subscription notices."""
        self.consents: Counter[tuple[str, str]] = Counter()
        """(openid, template id) → how many notices were allowed."""
        self.shown_typing: list[str] = []
        """OpenIDs of those whose phone said that an answer is being written."""
        self._seen: dict[tuple[str, str], str] = {}

    def custom_send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        openid, kind = self._receiver(message), message.get("msgtype")
        if not self.service_rights:
            raise Error(48001, "api unauthorized")
        items: tuple[tuple[str, str], ...] = ()
        if kind == "text":
            content = message["text"]["content"]
            if not content:
                raise Error(44004, "empty content")
            if len(content.encode()) > TEXT_BYTES:
                raise Error(45002, "content size out of limit")
        elif kind == "image":
            content = message["image"]["media_id"]
            if content not in self.media:
                raise Error(40007, "invalid media_id")
        elif kind == "msgmenu":
            content, items = self._menu(message["msgmenu"])
        else:
            raise Error(40008, "invalid message type")
        user = self._follower(openid)
        if user.refuses:
            raise Error(48002, "user refuses messages")
        user.use_window(self.clock())
        self.sent.append(Sent(openid, str(kind), content, self.clock(), items=items))
        return {"errcode": 0, "errmsg": "ok"}

    def typing(self, message: Mapping[str, Any]) -> dict[str, Any]:
        openid = self._receiver(message)
        if not self.service_rights:
            raise Error(48001, "api unauthorized")
        if message.get("command") not in {"Typing", "CancelTyping"}:
            raise Error(45072, "invalid command")
        if not self._follower(openid).wrote_since(self.clock() - TYPING_AFTER):
            raise Error(45080, "no message within 30 seconds")
        self.shown_typing.append(openid)
        return {"errcode": 0, "errmsg": "ok"}

    def template_send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        openid = self._receiver(message)
        if not self.verified:
            raise Error(48001, "api unauthorized")
        data = self._fields(message)
        self._follower(openid)
        # Within ten minutes the same client_msg_id is one message.
        seen = (openid, str(message.get("client_msg_id", "")))
        if not (seen[1] and seen in self._seen):
            self._seen[seen] = str(next(_msgids))
            self._arrived("template", openid, self._seen[seen], data, str(message.get("url", "")))
        return {"errcode": 0, "errmsg": "ok", "msgid": int(self._seen[seen])}

    def subscribe_send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        openid = self._receiver(message)
        data = self._fields(message)
        consent = (openid, str(message["template_id"]))
        if self.consents[consent] < 1:
            raise Error(43101, "user refuse to accept the msg")
        self.consents[consent] -= 1
        self._arrived("notice", openid, str(next(_msgids)), data, str(message.get("page", "")))
        return {"errcode": 0, "errmsg": "ok"}

    def _receiver(self, message: Mapping[str, Any]) -> str:
        openid = message.get("touser")
        if not isinstance(openid, str) or not openid.startswith("o"):
            raise Error(40003, "invalid openid")
        return openid

    def _follower(self, openid: str) -> User:
        user = self.users[openid]
        if not user.following:
            raise Error(43004, "require subscribe")
        return user

    def _menu(self, menu: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
        if not self.verified:
            raise Error(40200, "invalid account type")
        items = tuple((str(item["id"]), item["content"]) for item in menu["list"])
        numbers = [number for number, _ in items]
        if not items or len(set(numbers)) != len(numbers) or not all(n.isdecimal() for n in numbers):
            raise Error(47001, "data format error")
        return menu["head_content"], items

    def _fields(self, message: Mapping[str, Any]) -> dict[str, str]:
        fields = self.templates.get(str(message.get("template_id")))
        if fields is None:
            raise Error(40037, "invalid template_id")
        data = {name: field["value"] for name, field in message.get("data", {}).items()}
        for name in fields:
            kind = re.sub(r"\d+$", "", name)
            if not FIELDS[kind](data.get(name, "")):
                raise Error(47003, f"argument invalid! data.{name}.value invalid")
        return data

    def _arrived(self, kind: str, openid: str, msgid: str, data: dict[str, str], url: str) -> None:
        words = "\n".join(data.values())
        self.sent.append(Sent(openid, kind, words, self.clock(), msgid, data=data, url=url))
