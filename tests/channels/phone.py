"""What a resident can do on any channel: the one protocol that every channel's phone in these tests has."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from backend.conversations.views import Sender
from handlers.messages import Capabilities

RECORDING = b"#!AMR\n" + b"\x7c" * 50
"""A second of silence as a phone records it."""

FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 200


def picture(side: int = 64) -> bytes:
    """A photo."""
    content = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(content, "JPEG")
    return content.getvalue()


@dataclass(frozen=True)
class Choice:
    """A choice that can be tapped, and the number that means it when it is typed."""

    number: str
    label: str
    handle: Any = None
    """What this channel needs to know of it."""


@dataclass(frozen=True)
class Shown:
    """A message as a phone shows it."""

    text: str
    choices: tuple[Choice, ...] = ()
    """What can be tapped beside the text."""
    picture: bytes = b""
    handle: Any = None

    @property
    def whole(self) -> str:
        """The text, and below it the choices beside it, as lines."""
        lines = "".join(f"\n{choice.number} {choice.label}" for choice in self.choices)
        return f"{self.text}{lines}"


@dataclass(frozen=True)
class Act:
    """Something a resident does, ready to be delivered: once, twice, later or never."""

    kind: str
    content: Any
    message_id: str = ""
    """The channel's own id of it, as it comes to us."""


class NotTaken(Exception):
    """The channel's entrance said no; the text is its status."""


@dataclass
class Phone(ABC):
    """One resident on one channel."""

    capabilities: Capabilities = field(init=False)
    can: frozenset[str] = field(init=False)
    """The kinds of messages that this channel's residents can send, and `block`."""
    screen: list[Shown] = field(init=False, default_factory=list)

    @property
    @abstractmethod
    def sender(self) -> Sender:
        """Who this is to us."""

    @abstractmethod
    async def start(self) -> None:
        """Open the conversation's page, where there is one; nothing is sent."""

    @abstractmethod
    def written(self, text: str) -> Act:
        """Words."""

    @abstractmethod
    def tapped(self, choice: Choice, shown: Shown) -> Act:
        """A tap on a choice of a message."""

    @abstractmethod
    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        """A picture, a recording, a film or a document."""

    @abstractmethod
    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        """A position."""

    def contact(self, phone: str, name: str, *, own: bool) -> Act:
        """A contact from the phone's book."""
        raise NotImplementedError

    def edited(self, earlier: Act, text: str) -> Act:
        """Other words in the place of an earlier message's."""
        raise NotImplementedError

    def opened(self, region: str = "") -> Act:
        """Coming in, perhaps by a community's code."""
        raise NotImplementedError

    def followed(self) -> Act:
        """Following the account."""
        raise NotImplementedError

    def sticker(self) -> Act:
        """A sticker."""
        raise NotImplementedError

    async def block(self) -> None:
        """Let us write no more."""
        raise NotImplementedError

    async def unblock(self) -> None:
        """Let us write again."""
        raise NotImplementedError

    @abstractmethod
    async def deliver(self, act: Act) -> None:
        """Deliver once, as the channel does; what comes back is on the screen. Raises NotTaken."""

    @abstractmethod
    async def look(self) -> None:
        """See what was pushed meanwhile."""

    def waits(self) -> bool:
        """Whether the phone has shown that an answer is being written."""
        raise NotImplementedError

    @abstractmethod
    async def forge(self) -> int:
        """Deliver something that is not from this channel; the status of the answer."""

    def shown(self, outgoing_id: int) -> Shown:
        """The message on the screen that is this row; its choices can be tapped."""
        raise NotImplementedError
