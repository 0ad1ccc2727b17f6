"""A resident's phone: everything somebody can do to a bot, as the updates that Telegram makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.emulator import Emulator, Shown

Deliver = Callable[[dict[str, Any]], Awaitable[int]]
"""Hands an update over; the status that the bot answered."""

_residents = itertools.count(5_000_001)


@dataclass
class Phone:
    """One resident; what they do is delivered at once, and is answered by the bot's jobs."""

    emulator: Emulator
    deliver: Deliver
    after: Callable[[], Awaitable[None]]
    """Lets the bot's jobs run."""
    clock: Callable[[], float]
    user_id: int = field(default_factory=lambda: next(_residents))
    language: str = "zh-hans"

    def __post_init__(self) -> None:
        self.chat = self.emulator.chat(self.user_id)

    # --- what is on the screen -------------------------------------------------------------------

    @property
    def shown(self) -> list[Shown]:
        return self.chat.shown

    @property
    def texts(self) -> list[str]:
        """Everything the bot wrote."""
        return [shown.text for shown in self.shown]

    @property
    def last(self) -> Shown:
        return self.shown[-1]

    # --- what a resident does --------------------------------------------------------------------

    async def say(self, text: str, **fields: Any) -> str:
        """Write; the words that come back."""
        return await self.do(self.message(text=text, **fields))

    async def do(self, update: dict[str, Any]) -> str:
        """Let an update happen, and the jobs after it; what the bot wrote since."""
        before = len(self.shown)
        status = await self.deliver(update)
        assert status == 200, status
        await self.after()
        return "\n".join(shown.text for shown in self.shown[before:])

    async def tap(self, label: str, shown: Shown | None = None) -> str:
        """Tap a button by its words, of the last message that has it."""
        return await self.do(self.tapped(label, shown))

    def tapped(self, label: str, shown: Shown | None = None) -> dict[str, Any]:
        """The update of a tap."""
        messages = [shown] if shown else reversed(self.shown)
        for message in messages:
            for button in message.buttons:
                if label in button["text"]:
                    return self.callback(message, button["callback_data"])
        raise AssertionError(f"no button {label}")

    def callback(self, shown: Shown, data: str) -> dict[str, Any]:
        message = self.emulator._message(self.chat, shown)
        query = {"id": str(self.emulator.next_message_id()), "from": self._user(), "message": message}
        return self.emulator.update(callback_query=query | {"chat_instance": "1", "data": data})

    def message(self, message_id: int | None = None, **content: Any) -> dict[str, Any]:
        """The update of a message."""
        return self.emulator.update(message=self._message(message_id, content))

    def edited(self, original: dict[str, Any], *, later: int = 5, **content: Any) -> dict[str, Any]:
        """The update of an edit of a message that was sent with an earlier update."""
        message = {**original["message"], **content, "edit_date": int(self.clock()) + later}
        return self.emulator.update(edited_message=message)

    def photo(self, content: bytes, **fields: Any) -> dict[str, Any]:
        """The update of a photo: the same picture in three sizes."""
        small, middle, large = (self.emulator.give_file(content[:n]) for n in (40, 400, len(content)))
        sizes = [
            {"file_id": small, "file_unique_id": "s", "width": 90, "height": 90, "file_size": 40},
            {"file_id": middle, "file_unique_id": "m", "width": 320, "height": 320, "file_size": 400},
            {"file_id": large, "file_unique_id": "l", "width": 1280, "height": 1280},
        ]
        sizes[2]["file_size"] = len(content)
        return self.message(photo=sizes, **fields)

    def document(self, content: bytes, name: str, mime: str, **fields: Any) -> dict[str, Any]:
        file_id = self.emulator.give_file(content)
        file = {"file_id": file_id, "file_unique_id": "d", "file_name": name, "mime_type": mime}
        return self.message(document=file | {"file_size": len(content)}, **fields)

    def membership(self, old: str, new: str) -> dict[str, Any]:
        """The update of having blocked the bot, or taken it back."""
        self.chat.blocked = new == "kicked"
        bot = {"id": 123456789, "is_bot": True, "first_name": "小助手"}
        until = {"until_date": 0}
        change = {
            "chat": self._chat(),
            "from": self._user(),
            "date": int(self.clock()),
            "old_chat_member": {"status": old, "user": bot} | (until if old == "kicked" else {}),
            "new_chat_member": {"status": new, "user": bot} | (until if new == "kicked" else {}),
        }
        return self.emulator.update(my_chat_member=change)

    def _message(self, message_id: int | None, content: dict[str, Any]) -> dict[str, Any]:
        return {
            "message_id": message_id or self.emulator.next_message_id(),
            "from": self._user(),
            "chat": self._chat(),
            "date": int(self.clock()),
            **content,
        }

    def _user(self) -> dict[str, Any]:
        names = {"first_name": "芳", "last_name": "王", "language_code": self.language}
        return {"id": self.user_id, "is_bot": False} | names

    def _chat(self) -> dict[str, Any]:
        return {"id": self.user_id, "type": "private", "first_name": "芳", "last_name": "王"}
