"""What a message says, in the terms of dialogues: its words understood, and the world around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.cases.views import CaseView
from backend.conversations.entry import Incoming
from backend.conversations.turns import Glance, before
from backend.conversations.views import Opened
from backend.domain.rules import Rules
from dialogs import router
from dialogs.messages import Context, Matter, Message, Understanding
from handlers.briefs import brief
from handlers.messages import IncomingMessage
from handlers.parts import Parts
from handlers.rendering import prompt_of
from nlu.safety import crises
from nlu.understanding import Understanding as Meaning


async def understand(
    parts: Parts, rules: Rules, message: IncomingMessage, seen: Glance | None, now: datetime
) -> Understanding:
    """What its words mean; the model is asked only when the dialogue can use its answer."""
    if not message.text:
        return Understanding()
    conversation = before(message.sender, seen)
    context = around(parts, rules, conversation, now)
    if not router.needs_model(conversation.state, heard(message, context.now), context):
        return only_danger(message)
    return _as_heard(await parts.nlu.understand(message.text))


def only_danger(message: IncomingMessage) -> Understanding:
    """What is heard in any case."""
    return Understanding(crises=crises(message.text)) if message.text else Understanding()


def around(
    parts: Parts, rules: Rules, conversation: Opened, now: datetime, cases: Sequence[CaseView] = ()
) -> Context:
    """The world around one turn."""
    return Context(
        now=now,
        categories=rules.categories,
        cases=tuple(brief(case, rules) for case in cases),
        prompt=prompt_of(conversation.prompt) if conversation.prompt else None,
        last_message_at=conversation.last_message_at,
        mode=conversation.mode,
        privacy_version=conversation.privacy_version,
        language=conversation.language,
        listens=parts.speech is not None,
    )


def heard(message: IncomingMessage, at: datetime) -> Message:
    """The message as far as it tells itself: its files and its question are found in the database."""
    return Message(
        kind="text" if message.by_machine else message.kind,
        at=at,
        text=message.text,
        choice=message.choice,
        language=message.language,
        location=message.location,
        contact=message.contact,
    )


def kept(message: IncomingMessage) -> Incoming:
    """The message as it is kept."""
    payload: dict[str, Any] = {}
    if message.location:
        payload["location"] = dataclasses.asdict(message.location)
    if message.choice:
        payload |= {"choice": message.choice, "prompt_id": message.prompt_id}
    if message.album:
        payload["album"] = message.album
    if message.by_machine:
        payload["by_machine"] = True
    if message.edits:
        payload |= {"edits": message.edits, "edited_at": message.at.isoformat()}
    return Incoming(message.message_id, message.kind, message.text, payload)


def _as_heard(meaning: Meaning) -> Understanding:
    """What the language side understood, as dialogues hear it."""
    return Understanding(
        intent=meaning.intent,
        confidence=meaning.confidence,
        ranking=meaning.ranking,
        entities=meaning.entities,
        crises=meaning.crises,
        source=meaning.source,
        matters=tuple(Matter(matter.text, _as_heard(matter.meaning)) for matter in meaning.matters),
    )
