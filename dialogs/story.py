"""The story of a complaint: everything told, and what it says without being asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogs import photo_place, said
from dialogs.category import better, called_in
from dialogs.definition import Heard
from dialogs.filling import Slots
from dialogs.messages import Location, Message, Say, Understanding
from dialogs.readers import bare_number, category_name, guesses, holds
from dialogs.texts import text
from dialogs.words import is_among, label_of, plain

STORY_LIMIT = 2000
"""Characters of 简述 that GB/T 31000 allows; the conversation itself keeps every word."""
ANSWER_LIMIT = 200
"""Characters kept of one short answer."""

_ONLY_WORDS = ("yes", "no", "has", "unknown", "nothing", "leave_queue", "done", "submit")
_LABELLED_WORDS = ("commands", "languages", "withdraw_answer")

SHOWN = frozenset({"image", "video", "file"})

NOTED = (Say("complaint.noted"),)
TOLD_UNASKED = ("place", "since", "amount", "people", "phone", "other_party")
"""What a story may say before it is asked for."""


def tell(slots: Slots, heard: Heard) -> dict[str, Any]:
    """The slots after a message that tells (more of) the story; what is known already is not overwritten."""
    understanding, context = heard.understanding, heard.context
    told = gather(slots, heard.message)
    if is_more_than_words(heard.text):
        told["story"] = "\n".join(filter(None, (told.get("story"), heard.text)))[:STORY_LIMIT]
        told |= better(slots, understanding, context)
        told |= _matters(slots, heard) | _named(slots, heard)
    for name, value in understanding.entities:
        if name in TOLD_UNASKED and value:
            told.setdefault(name, value[:ANSWER_LIMIT])
    if understanding.crises:
        told["crises"] = list(dict.fromkeys((*told.get("crises", ()), *understanding.crises)))
    return told


def _named(slots: Slots, heard: Heard) -> dict[str, Any]:
    """The category when its name is all that is told: what happened is then still to be asked."""
    if slots.get("named"):
        return {"named": False}
    if "story" in slots or "category" in slots or heard.understanding.crises:
        return {}
    code = called_in(category_name(plain(heard.text)), heard.context)
    return {"category": code, "by_hand": True, "named": True} if code else {}


def _matters(slots: Slots, heard: Heard) -> dict[str, Any]:
    """The matters told of while it is open which comes first; what is added goes on with the last one."""
    if "story" not in slots:
        told = said.matters(heard)
    elif "first" in slots or "category" in slots or not slots.get("matters"):
        return {}
    else:
        told = said.with_more(slots["matters"], len(slots["matters"]) - 1, heard.text)
    return {"matters": told} if told else {}


def tells(heard: Heard) -> bool:
    """Whether a message tells anything at all: words that only command or answer do not."""
    message = heard.message
    return is_more_than_words(heard.text) or bool(message.attachments or message.location)


def tells_besides(heard: Heard) -> bool:
    """Whether a text that may steer the form tells something that must not be lost: 记不清了大概春节后."""
    return bool(heard.understanding.entities) or guesses(heard.text) or any(c.isdecimal() for c in heard.text)


def is_more_than_words(words: str) -> bool:
    """Whether a text is more than the number of a choice, a command, or yes and no."""
    only = any(is_among(group, words) for group in _ONLY_WORDS)
    only = only or any(label_of(group, words) for group in _LABELLED_WORDS)
    return bool(words) and not only and bare_number(words) is None


def received(message: Message) -> tuple[Say, ...]:
    """What to say to a message without words; a file that was not stored has had its own sentence."""
    if message.kind == "voice":
        return (Say("form.voice"),)
    if message.location:
        return (Say("complaint.location_received"),)
    if not message.attachments:
        return ()
    return (Say("complaint.photo_received" if message.kind == "image" else "complaint.file_received"),)


def without_caption(heard: Heard) -> Heard:
    """Without words that only point at the files beside them: 你看看这个 is no place, 看看 no phone."""
    message = heard.message
    if not (message.attachments and message.kind in SHOWN and is_among("pointing", heard.text)):
        return heard
    nothing = Understanding(crises=heard.understanding.crises)
    return replace(heard, message=replace(message, text=""), understanding=nothing)


def gather(slots: Slots, message: Message) -> dict[str, Any]:
    """The slots with a message's attachments, and its position when no place is known."""
    gathered = dict(slots)
    if message.attachments:
        gathered["attachments"] = list(dict.fromkeys((*slots.get("attachments", ()), *message.attachments)))
    if message.location and "place" not in slots:
        gathered |= located(message.location)
    return gathered | photo_place.noted(gathered, message.taken_at)


def located(location: Location) -> dict[str, Any]:
    """A position as the place of what happened."""
    place = location.label[:ANSWER_LIMIT] or text("complaint.place_on_map")
    coarse = "" if holds("part", location.label) else place
    return {
        "place": place,
        "coarse": coarse,
        "location": [location.latitude, location.longitude, location.label],
    }
