"""What could not be pushed is told with the reply to the resident's next message, as far as it fits."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from backend.conversations import next_contact
from backend.conversations.views import Opened, OutgoingView
from backend.db.work import Work
from dialogs import texts
from dialogs.messages import Say
from handlers.messages import Capabilities
from handlers.rendering import choices_of, tells_of_picture


async def relay(
    work: Work, conversation: Opened, says: Sequence[Say], capabilities: Capabilities
) -> tuple[Say, ...]:
    """The reply with what waited before it, and the newest question that waited after it.

    A question waits on while the reply asks one itself. What does not fit is pushed, now that it may be.
    """
    waited = await next_contact.waiting(work, conversation.conversation_id)
    asks = any(say.purpose for say in says)
    reply = tuple(says)
    told: list[int] = []
    for view in reversed(waited):
        words = _words(view, capabilities)
        longer = _with(view, words, reply, asks=asks) if words else None
        if longer is None or not _fits(longer, conversation.language, capabilities):
            continue
        reply, asks = longer, asks or bool(view.purpose)
        told.append(view.id)
    await next_contact.told(work, told)
    left = [view.id for view in waited if view.id not in told]
    await next_contact.release(work, conversation.conversation_id, left)
    return reply


def _words(view: OutgoingView, capabilities: Capabilities) -> str:
    """What is said of a message that waited; empty for one that a reply cannot carry: a picture."""
    words = view.rendered or ""
    if view.attachment_id is None:
        return words
    if capabilities.images:
        return ""
    if tells_of_picture(words, view.language):
        return words
    return f"{words}\n{texts.text('chat.picture_not_shown', language=view.language)}".lstrip()


def _with(view: OutgoingView, words: str, reply: tuple[Say, ...], *, asks: bool) -> tuple[Say, ...] | None:
    if not view.purpose:
        return (Say("chat.relayed", {"text": words}), *reply)
    if asks or not view.parts:
        return None
    *before, last = (Say(key, params) for key, params in view.parts)
    question = dataclasses.replace(
        last, choices=choices_of(view), purpose=view.purpose, case_id=view.case_id, round=view.round
    )
    return (*reply, *before, question)


def _fits(says: Sequence[Say], language: str, capabilities: Capabilities) -> bool:
    if capabilities.max_bytes is None:
        return True
    choices = [choice for say in says for choice in say.choices]
    whole = texts.render([(say.key, say.params) for say in says], choices, language=language)
    return len(whole.encode()) <= capabilities.max_bytes
