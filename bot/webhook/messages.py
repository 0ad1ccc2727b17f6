"""What an integrator is sent: one message for a resident, the same shape in a response and in a push."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer

from bot.stored_files import OpenFile
from dialogs.asks import Wanted
from handlers.messages import Rendered


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


_Base64 = Annotated[bytes, PlainSerializer(lambda content: base64.b64encode(content).decode())]


class ChoiceOut(_Part):
    """One answer that a message offers: a button, or a line `number label`."""

    id: str
    label: str
    number: str
    """What a resident can type instead."""


class FileOut(_Part):
    """A file that goes with a message."""

    name: str
    type: str
    content: _Base64


class MessageOut(_Part):
    """One message for a resident."""

    id: int
    user: str
    kind: str
    """`reply`, `notice`, `survey`, `reminder`, or `chat` for an officer's own words."""
    text: str
    choices: list[ChoiceOut]
    asks: Wanted
    """`place` or `phone`: what the question is after, for an app that can hand it over by a tap."""
    skip: str
    """What to send as words to leave the question unanswered, for a button; empty when it may not be left."""
    file: FileOut | None
    created_at: AwareDatetime


class Answer(_Part):
    """The body of a response: the reply to what was posted, often empty."""

    messages: list[MessageOut]


class Push(_Part):
    """The body of what is posted to the integrator."""

    type: Literal["message.created"] = "message.created"
    """None that is taken here, so that it cannot be played back."""
    timestamp: AwareDatetime
    data: MessageOut


async def message_out(message: Rendered, user: str, open_file: OpenFile, now: datetime) -> MessageOut:
    """A message as it is sent; raises LookupError when its file is gone."""
    file = await open_file(message.attachment_id) if message.attachment_id is not None else None
    return MessageOut(
        id=message.id,
        user=user,
        kind=message.kind,
        text=message.text,
        choices=[
            ChoiceOut(id=choice.id, label=label, number=number)
            for choice, label, number in zip(message.choices, message.labels, message.numbers, strict=True)
        ],
        asks=message.asks,
        skip=message.skip,
        file=FileOut(name=file.name, type=file.mime, content=file.content) if file else None,
        created_at=message.created_at or now,
    )
