"""What a channel hands in, what it gets back, how it is asked to send: the seam between bot and handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from backend.conversations.views import Sender
from dialogs.asks import Wanted
from dialogs.languages import DEFAULT_LANGUAGE
from dialogs.messages import Choice, Contact, Location, Params
from dialogs.messages import Kind as Kind


@dataclass(frozen=True, slots=True)
class IncomingAttachment:
    """A file that came with a message: its bytes, or the channel's id to fetch them with at once.

    With neither, the channel cannot hand it over, and the resident is told so.
    """

    kind: Literal["image", "voice", "video", "file"]
    content: bytes | None = None
    remote_id: str = ""
    name: str = ""
    size: int | None = None
    """Bytes, where the channel says so before the download."""


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
    choice_place: int | None = None
    """Which of the prompt's choices was clicked, counted from 1, where a channel can say only that."""
    attachments: tuple[IncomingAttachment, ...] = ()
    location: Location | None = None
    contact: Contact | None = None
    """A contact that was shared (kind `contact`)."""
    scene: str = ""
    """The code of the region whose QR code or link brought the resident here (kinds `subscribe`, `open`)."""
    language: str = ""
    """What the resident's device speaks, as far as the channel knows it and we speak it."""
    edits: str = ""
    """The `message_id` of the earlier message that this one replaces (kind `edit`)."""
    album: str = ""
    """Set when several messages were sent as one: the same for each of them."""
    by_machine: bool = False
    """Whether a machine wrote the words down from a recording."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; the renderer adapts to it, dialogues never ask. What is not said, it cannot."""

    reply: Literal["passive", "push"]
    """passive: the HTTP response that answers a message carries its reply."""
    buttons: bool = False
    """True: choices are sent beside the text; False: they are numbered lines in it."""
    max_bytes: int | None = None
    """Longest text in UTF-8 bytes; None: none, or the channel divides it itself."""
    images: bool = False
    """True: a picture that an officer sends is shown; False: the resident is told that there is one."""
    files: bool = False
    """True: photos, recordings and documents of residents reach us; False: they are told that none does."""
    typing: bool = False
    """True: it can show that an answer is being written; it is asked to while one takes long."""
    pushes_per_second: float | None = None
    """How many messages nobody waits for leave in a second, all processes together; None: as many as can."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """An outgoing message as a channel sends it."""

    id: int
    text: str
    """All of it where the channel has no buttons: the choices are its last lines."""
    parts: tuple[tuple[str, Params], ...] = ()
    """What it says by key, for a channel with a fixed form for some of it; empty for a person's words."""
    choices: tuple[Choice, ...] = ()
    labels: tuple[str, ...] = ()
    """The choices' words, in their order."""
    numbers: tuple[str, ...] = ()
    """What to type for each choice, in their order."""
    kind: str = "reply"
    case_id: int | None = None
    round: int | None = None
    attachment_id: int | None = None
    created_at: datetime | None = None
    asks: Wanted = ""
    """What the question is after, for a channel that can hand it over by a tap."""
    skip: str = ""
    """What to say to leave the question unanswered, where it offers that: for a channel with buttons.

    Said as text, or clicked as the choice `dialogs.picks.SKIP` of this message.
    """
    language: str = DEFAULT_LANGUAGE
    """The resident's, for what the channel says besides."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took it; `way` says how: page, custom, template …"""

    way: str
    remote_id: str = ""
    """What the channel calls it, where it reports later how that went."""
    passed_over: tuple[str, ...] = ()
    """The ways that could not be taken before this one and why, for staff: `custom:window_closed`."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now; nothing reached the resident."""

    reason: str
    tomorrow: bool = False
    """The channel's daily quota is used up: not before midnight in Shanghai."""
    after: timedelta | None = None
    """How long the channel asked to be left alone."""
    fewer: bool = False
    """The channel wants fewer messages of us: no resident is written to first for a while."""
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """The channel cannot bring it to the resident: for the next contact, or a phone task."""

    reason: str
    at_next_contact: bool = False
    """True: show it when the resident writes next; a phone task follows when that takes too long."""
    passed_over: tuple[str, ...] = ()


Outcome = Sent | TryLater | Undeliverable


class Channel(Protocol):
    """What the worker and the handlers need of a channel."""

    name: str
    capabilities: Capabilities

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        """Hand one message over. An exception means that the outcome is unknown."""

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Download an attachment: its bytes and its name. Raises LookupError when the channel has lost it."""

    async def show_typing(self, address: Sender) -> None:
        """Show for some seconds that an answer is being written. An exception: it is not shown.

        Asked only of a channel that says `typing` of itself.
        """
