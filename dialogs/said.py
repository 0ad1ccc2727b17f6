"""A message kept word for word with what it means, until it is known where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dialogs import slots
from dialogs.definition import Heard
from dialogs.messages import Context, Location, Matter, Message, Understanding

Said = Mapping[str, Any]
"""One kept message as JSON."""


def keep(heard: Heard) -> Said:
    """The message and its understanding, as JSON."""
    message, meaning = heard.message, heard.understanding
    position = message.location
    return {
        "text": message.text,
        "attachments": list(message.attachments),
        "location": [position.latitude, position.longitude, position.label] if position else None,
        "intent": meaning.intent,
        "confidence": meaning.confidence,
        "ranking": [list(pair) for pair in meaning.ranking],
        "entities": [list(pair) for pair in meaning.entities],
        "crises": list(meaning.crises),
        "trusted": meaning.source == "rasa",
        "matters": matters(heard),
    }


def matters(heard: Heard) -> list[Said]:
    """Each of several disputes in a message as a message of its own; empty when it tells of one."""
    return [
        keep(replace(heard, message=_words(heard.message, matter.text), understanding=matter.meaning))
        for matter in heard.understanding.matters
    ]


def with_more(kept: Sequence[Said], place: int, text: str) -> list[Said]:
    """The kept messages with more words in one of them."""
    more = {**kept[place], "text": f"{kept[place]['text']}\n{text}"}
    return [*kept[:place], more, *kept[place + 1 :]]


def is_said(value: Mapping[str, Any]) -> bool:
    """Whether a stored value is a kept message: a state may come from another version of the software."""
    position = value.get("location")
    return (
        all(slots.is_text(value.get(name)) for name in ("text", "intent"))
        and slots.is_ids(value.get("attachments"))
        and (position is None or slots.is_position(position))
        and slots.is_share(value.get("confidence"))
        and _are_pairs(value.get("ranking"), slots.is_share)
        and _are_pairs(value.get("entities"), slots.is_text)
        and slots.is_words(value.get("crises"))
        and slots.is_flag(value.get("trusted"))
        and are_said(value.get("matters", []))
    )


def are_said(values: object) -> bool:
    """Whether a stored value is a list of kept messages."""
    return isinstance(values, list) and all(isinstance(one, Mapping) and is_said(one) for one in values)


def hear_again(said: Said, context: Context) -> Heard:
    """The kept message as if it came now."""
    position = said["location"]
    message = Message(
        "text",
        context.now,
        said["text"],
        attachments=tuple(said["attachments"]),
        location=Location(*position) if position else None,
    )
    return Heard(message, _meaning(said), context)


def _meaning(said: Said) -> Understanding:
    return Understanding(
        said["intent"],
        said["confidence"],
        tuple((name, share) for name, share in said["ranking"]),
        tuple((name, value) for name, value in said["entities"]),
        tuple(said["crises"]),
        "rasa" if said["trusted"] else "keywords",
        tuple(Matter(part["text"], _meaning(part)) for part in said.get("matters", ())),
    )


def _words(message: Message, text: str) -> Message:
    return replace(message, text=text, attachments=(), location=None)


def _are_pairs(value: object, is_second: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and slots.is_text(pair[0]) and is_second(pair[1])
        for pair in value
    )
