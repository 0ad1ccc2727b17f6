"""What a channel hands in, what it gets back, how it is asked to send: the seam between bot and handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from backend.conversations.views import Sender
from dialogs.messages import Choice, Location

Kind = Literal[
    "text", "choice", "image", "voice", "video", "file", "location", "sticker", "subscribe", "open"
]


@dataclass(frozen=True, slots=True)
class IncomingAttachment:
    """A file that came with a message: its bytes, or the channel's id to fetch them with at once."""

    kind: Literal["image", "voice", "video", "file"]
    content: bytes | None = None
    remote_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message of a resident, verified and parsed by its channel."""

    sender: Sender
    message_id: str
    """The channel's own id of this message: the same message always has the same id."""
    kind: Kind
    at: datetime
    """When the resident sent it, as the channel says (aware UTC)."""
    text: str = ""
    choice: str = ""
    """A clicked choice's id (kind `choice`)."""
    prompt_id: int | None = None
    """The prompt that the clicked choice belongs to; None for a channel's fixed menu."""
    attachments: tuple[IncomingAttachment, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; the renderer adapts to it, dialogues never ask."""

    reply: Literal["passive", "push"]
    """passive: the HTTP response that answers a message carries its reply."""
    buttons: bool = False
    """True: choices are sent beside the text; False: they are numbered lines in it."""
    max_bytes: int | None = None
    """Longest text in UTF-8 bytes."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """An outgoing message as a channel sends it."""

    id: int
    text: str
    choices: tuple[Choice, ...] = ()
    """Set when the channel has buttons."""
    labels: tuple[str, ...] = ()
    """The choices' words, in their order."""
    numbers: tuple[str, ...] = ()
    """What to type for each choice, in their order."""
    kind: str = "reply"
    case_id: int | None = None
    attachment_id: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took it; `way` says how: page, custom, template …"""

    way: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now; nothing reached the resident."""

    reason: str
    tomorrow: bool = False
    """The channel's daily quota is used up: not before midnight in Shanghai."""


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """The channel cannot bring it to the resident: for the next contact, or a phone task."""

    reason: str
    at_next_contact: bool = False
    """True: show it when the resident writes next; a phone task follows when that takes too long."""


Outcome = Sent | TryLater | Undeliverable


class Channel(Protocol):
    """What the worker and the handlers need of a channel."""

    name: str
    capabilities: Capabilities

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        """Hand one message over. An exception means that the outcome is unknown."""

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Download an attachment: its bytes and its name. Raises LookupError when the channel has lost it."""
