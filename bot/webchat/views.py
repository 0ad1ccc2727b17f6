"""Messages as the page reads them: one JSON shape for answers, history and events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from handlers.messages import Rendered
from handlers.timeline import TimelineItem


class ChoiceJson(TypedDict):
    """A button; `number` means the same when it is typed."""

    id: str
    label: str
    number: str


class ItemJson(TypedDict):
    """One message in either direction; `at` is ISO 8601 in UTC."""

    id: int
    direction: str
    kind: str
    text: str
    at: str
    message_id: str
    choice: str
    prompt_id: int | None
    choices: list[ChoiceJson]
    open: bool
    attachments: list[int]
    names: list[str]
    """What each attachment was called on the phone that it came from, empty where that is not known."""
    skip: str
    """What to say to leave the question unanswered; empty when it is not offered."""


class AnswerJson(TypedDict):
    """The answer to a post: which message it is now, who wrote it, and the reply."""

    id: int
    at: str
    device: str
    language: str
    """The tag of what the reply is written in, empty without one: the page follows."""
    messages: list[ItemJson]


def from_timeline(item: TimelineItem) -> ItemJson:
    """A message as it stands in the conversation."""
    return ItemJson(
        id=item.id,
        direction=item.direction,
        kind=item.kind,
        text=item.text,
        at=iso(item.at),
        message_id=item.message_id,
        choice=item.choice,
        prompt_id=item.prompt_id,
        choices=[ChoiceJson(id=id_, label=label, number=number) for id_, label, number in item.choices],
        open=item.open,
        attachments=list(item.attachment_ids),
        names=list(item.attachment_names),
        skip=item.skip,
    )


def from_reply(reply: Rendered, now: datetime) -> ItemJson:
    """A reply in the answer to the message that it replies to: its choices can be used."""
    return ItemJson(
        id=reply.id,
        direction="out",
        kind=reply.kind,
        text=reply.text,
        at=iso(reply.created_at or now),
        message_id="",
        choice="",
        prompt_id=None,
        choices=[
            ChoiceJson(id=choice.id, label=label, number=number)
            for choice, label, number in zip(reply.choices, reply.labels, reply.numbers, strict=True)
        ],
        open=bool(reply.choices or reply.skip),
        attachments=[reply.attachment_id] if reply.attachment_id else [],
        names=[],
        skip=reply.skip,
    )


def iso(moment: datetime) -> str:
    """A moment as pages read it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
