"""What an integrator posts: one JSON event for each thing that a resident does."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from backend.attachments.content_types import kind_of, sniff
from backend.conversations.views import Sender
from dialogs.messages import Contact, Location
from handlers.messages import IncomingAttachment, IncomingMessage

NAME = "webhook"

TEXT_LIMIT = 4000
"""Characters of one message."""
FILES_PER_EVENT = 9

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Malformed(ValueError):
    """The body is no event; `problems` are (place, what is wrong there), and quote nothing."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        """At least one problem."""
        super().__init__("malformed")
        self.problems = problems


def _clean(words: str) -> str:
    return _UNSTORABLE.sub("", words)


def _not_blank(words: str) -> str:
    if not words.strip():
        raise PydanticCustomError("blank", "is empty")
    return words


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("base64", "is no base64; a file's address is not fetched") from None


_Words = Annotated[str, Field(max_length=TEXT_LIMIT), AfterValidator(_clean)]
_Said = Annotated[_Words, AfterValidator(_not_blank)]
_Short = Annotated[str, Field(max_length=200), AfterValidator(_clean)]
_User = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:@+-]+$")]
_Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class _Part(BaseModel):
    # A field that is not known is refused: an attachment by its address would otherwise vanish in silence.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Data(_Part):
    user: _User
    """The integrator's own id of the resident: the same resident always has the same."""


class TextData(_Data):
    """Words."""

    text: _Said


class ChoiceData(_Data):
    """A tap on one of a message's choices."""

    message: Annotated[int, Field(ge=1, lt=2**53)]
    """The `id` of the message that offered it."""
    choice: Annotated[str, Field(min_length=1, max_length=100)]
    """The `id` of the choice."""


class FileData(_Part):
    """One file."""

    content: Annotated[bytes, BeforeValidator(_decoded), Field(min_length=1)]
    """In base64."""
    name: _Short = ""


class FilesData(_Data):
    """Pictures, voice or documents, perhaps with words."""

    files: Annotated[list[FileData], Field(min_length=1, max_length=FILES_PER_EVENT)]
    text: _Words = ""


class LocationData(_Data):
    """A position in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    label: _Short = ""


class ContactData(_Data):
    """A phone number that was shared; `own`: it is certainly the resident's."""

    phone: Annotated[str, Field(min_length=3, max_length=30, pattern=r"^\+?[0-9 -]+$")]
    name: _Short = ""
    own: bool = False


class EditedData(_Data):
    """Other words in the place of an earlier message's."""

    edits: _Id
    """The `webhook-id` of the earlier message."""
    text: _Said


class OpenedData(_Data):
    """The resident opened the conversation, perhaps by a community's code."""

    region: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""


class ReturnedData(_Data):
    """A resident who could not be reached can be written to again."""


class _Event(_Part):
    timestamp: AwareDatetime
    """When the resident did it."""


class TextEvent(_Event):
    """`resident.text`."""

    type: Literal["resident.text"]
    data: TextData


class ChoiceEvent(_Event):
    """`resident.choice`."""

    type: Literal["resident.choice"]
    data: ChoiceData


class FilesEvent(_Event):
    """`resident.files`."""

    type: Literal["resident.files"]
    data: FilesData


class LocationEvent(_Event):
    """`resident.location`."""

    type: Literal["resident.location"]
    data: LocationData


class ContactEvent(_Event):
    """`resident.contact`."""

    type: Literal["resident.contact"]
    data: ContactData


class EditedEvent(_Event):
    """`resident.edited`."""

    type: Literal["resident.edited"]
    data: EditedData


class OpenedEvent(_Event):
    """`resident.opened`."""

    type: Literal["resident.opened"]
    data: OpenedData


class ReturnedEvent(_Event):
    """`resident.returned`."""

    type: Literal["resident.returned"]
    data: ReturnedData


Event = (
    TextEvent
    | ChoiceEvent
    | FilesEvent
    | LocationEvent
    | ContactEvent
    | EditedEvent
    | OpenedEvent
    | ReturnedEvent
)
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def parse(body: bytes) -> Event:
    """Read an event; raises Malformed."""
    try:
        return _EVENT.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        # The event's own type is part of the place where a union was followed.
        places = [".".join(str(part) for part in one["loc"] if "." not in str(part)) for one in found]
        problems = [
            (place, _problem(one["type"], one["msg"])) for place, one in zip(places, found, strict=True)
        ]
        raise Malformed(problems) from None


def sender_of(event: Event) -> Sender:
    """The resident whom an event is about."""
    return Sender(NAME, event.data.user)


def message_of(event: Event, message_id: str) -> IncomingMessage | None:
    """What the resident sent; None when they have only come back. `message_id`: the event's own id."""
    sender, at = sender_of(event), event.timestamp.astimezone(UTC)
    match event:
        case TextEvent(data=data):
            return IncomingMessage(sender, message_id, "text", at, data.text)
        case ChoiceEvent(data=data):
            return IncomingMessage(
                sender, message_id, "choice", at, choice=data.choice, prompt_id=data.message
            )
        case FilesEvent(data=data):
            files = tuple(map(_attachment, data.files))
            return IncomingMessage(sender, message_id, files[0].kind, at, data.text, attachments=files)
        case LocationEvent(data=data):
            place = Location(data.latitude, data.longitude, data.label)
            return IncomingMessage(sender, message_id, "location", at, location=place)
        case ContactEvent(data=data):
            contact = Contact(data.phone, data.name, own=data.own)
            words = f"{data.name} {data.phone}".strip()
            return IncomingMessage(sender, message_id, "contact", at, words, contact=contact)
        case EditedEvent(data=data):
            return IncomingMessage(sender, message_id, "edit", at, data.text, edits=data.edits)
        case OpenedEvent(data=data):
            return IncomingMessage(sender, message_id, "open", at, scene=data.region)
        case ReturnedEvent():
            return None


def _attachment(file: FileData) -> IncomingAttachment:
    mime = sniff(file.content)
    return IncomingAttachment(kind_of(mime) if mime else "file", content=file.content, name=file.name)


def _problem(kind: str, words: str) -> str:
    match kind:
        case "extra_forbidden":
            return "is not known here"
        case "missing":
            return "is missing"
        case "union_tag_invalid" | "union_tag_not_found":
            return "`type` is none of " + ", ".join(TYPES)
    return words[:1].lower() + words[1:]


TYPES = tuple(
    f"resident.{name}"
    for name in ("text", "choice", "files", "location", "contact", "edited", "opened", "returned")
)
"""The types of events that are taken."""
