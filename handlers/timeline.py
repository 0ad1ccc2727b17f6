"""A conversation as the resident's own page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.conversations import timeline, turns
from backend.conversations.views import IncomingView, Opened, OutgoingView, Sender
from dialogs import handover
from handlers.messages import Capabilities
from handlers.parts import Parts
from handlers.rendering import render


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One message in either direction; ids rise with time but may become visible out of order."""

    id: int
    direction: Literal["in", "out"]
    kind: str
    text: str
    at: datetime
    message_id: str = ""
    """The channel's id of an incoming message."""
    choice: str = ""
    """The id of the choice that an incoming message took."""
    prompt_id: int | None = None
    """The message that offered it."""
    choices: tuple[tuple[str, str, str], ...] = ()
    """(id, label, the number that means it when it is typed)."""
    open: bool = False
    """Whether the choices can still be used."""
    attachment_ids: tuple[int, ...] = ()
    attachment_names: tuple[str, ...] = ()
    """What each of them was called on the resident's phone, empty where that is not known."""
    skip: str = ""
    """What to say to leave the question unanswered; empty when it is not offered."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a page needs of a conversation."""

    conversation_id: int
    mode: str
    items: tuple[TimelineItem, ...]


async def history(parts: Parts, sender: Sender, *, after: int = 0, limit: int = 200) -> Conversation | None:
    """The newest messages of this resident's conversation, oldest first; None before their first message."""
    async with parts.database.work() as work:
        opened = await turns.peek(work, sender)
        if opened is None:
            return None
        found = await timeline.read(work, opened.conversation_id, after=after, limit=limit, only_sent=True)
        sent = [file for view in found.incoming for file in view.payload.get("attachments", ())]
        files = await attachments.find_all(work, sent)
    capabilities = parts.channels[sender.channel].capabilities
    items = [_out(view, opened, found.incoming, capabilities) for view in found.outgoing]
    labels = {(item.id, choice): label for item in items for choice, label, _ in item.choices}
    items += [_in(view, labels, files) for view in found.incoming]
    items.sort(key=lambda item: item.id)
    return Conversation(opened.conversation_id, opened.mode, tuple(items[-limit:]))


async def attachment(parts: Parts, sender: Sender, attachment_id: int) -> Attachment | None:
    """An attachment in this resident's own conversation; else None."""
    async with parts.database.work() as work:
        opened = await turns.peek(work, sender)
        found = await attachments.find(work, attachment_id)
    if opened is None or found is None or found.conversation_id != opened.conversation_id:
        return None
    return found


def _in(
    view: IncomingView, labels: Mapping[tuple[int, str], str], files: Mapping[int, Attachment]
) -> TimelineItem:
    choice, prompt_id = view.payload.get("choice", ""), view.payload.get("prompt_id")
    sent = tuple(view.payload.get("attachments", ()))
    return TimelineItem(
        id=view.id,
        direction="in",
        kind=view.kind,
        text=view.text or labels.get((prompt_id or 0, choice), choice),
        at=view.at,
        message_id=view.message_id,
        choice=choice,
        prompt_id=prompt_id,
        attachment_ids=sent,
        attachment_names=tuple((files[file].name if file in files else None) or "" for file in sent),
    )


def _out(
    view: OutgoingView, opened: Opened, heard: Sequence[IncomingView], capabilities: Capabilities
) -> TimelineItem:
    message = render(view, capabilities)
    return TimelineItem(
        id=view.id,
        direction="out",
        kind=view.kind,
        text=message.text,
        at=view.sent_at or view.created_at,
        choices=tuple(
            (choice.id, label, number)
            for choice, label, number in zip(message.choices, message.labels, message.numbers, strict=True)
        ),
        open=_is_open(view, opened, heard, message.skip),
        skip=message.skip,
        attachment_ids=(view.attachment_id,) if view.attachment_id else (),
    )


def _is_open(view: OutgoingView, opened: Opened, heard: Sequence[IncomingView], skip: str) -> bool:
    """Whether a click on this message's choices, or on `skip`, would still do what they say."""
    if not (view.choices or skip) or opened.mode == "person":
        return False
    if view.kind == "survey":
        return True
    if opened.prompt is None or opened.prompt.id != view.id:
        return False
    if opened.mode == "waiting" and view.purpose == handover.PURPOSE:
        # What somebody writes while they wait is for the officer: it answers nothing.
        return True
    return not any(_answers(incoming, view) for incoming in heard)


def _answers(incoming: IncomingView, asked: OutgoingView) -> bool:
    """Whether a message came after a question as an answer to it; what crossed it on the way did not."""
    if incoming.id < asked.id or incoming.at < (asked.sent_at or asked.created_at):
        return False
    if incoming.kind == "choice":
        return incoming.payload.get("prompt_id") in (None, asked.id)
    return incoming.kind == "text"
