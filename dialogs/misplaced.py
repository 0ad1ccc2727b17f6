"""What is said at a question that it does not answer: kept where it belongs, and the question stays open."""

from __future__ import annotations

from dialogs import category, readers
from dialogs.definition import Heard, Reading
from dialogs.filling import Filling, Slots
from dialogs.story import ANSWER_LIMIT, NOTED, tell

PHONE_BEGUN = 5
"""Digits from which a text is a phone number that went wrong; fewer count people, days or money."""
_REMARK = 4
"""Letters of a denial that tells something: 没有打过我."""
_COUNT = 6
"""Characters: 8个人 only counts; a longer text with a number in it may say when."""


def joins_story(filling: Filling, heard: Heard) -> Reading:
    """The text joins the story; the question stays open."""
    return Reading(tell(filling.slots, heard), NOTED, answers=False)


def begins_phone(text: str) -> bool:
    """Whether a text has so many digits that it was meant as a phone number."""
    return sum(c.isdecimal() for c in text) >= PHONE_BEGUN


def still_missing(filling: Filling, heard: Heard) -> Slots:
    """What a text at the question for a phone says of an earlier question that has no answer."""
    if begins_phone(heard.text):
        return {}
    found = {name: value for name, value in heard.understanding.entities if name in ("place", "since")}
    if filling.text("category") == category.LABOUR:
        found["people"] = readers.people(heard.text) or ""
    return {slot: value[:ANSWER_LIMIT] for slot, value in found.items() if value and not filling.text(slot)}


def instead_of(slot: str, filling: Filling, heard: Heard) -> Reading | None:
    """What is made of words that are no answer for this slot; None when they may be one."""
    found = dict(heard.understanding.entities)
    if slot == "since":
        if "since" in found or readers.says_since(heard.text):
            return None
        if other := _place_or_people(filling, heard, found.get("place", "")):
            return Reading(other, NOTED, answers=False)
    elif slot != "place" or "place" in found or readers.names_a("place", heard.text):
        return None
    denies = readers.letters(heard.text) >= _REMARK and readers.denies(heard.text)
    return joins_story(filling, heard) if denies else None


def _place_or_people(filling: Filling, heard: Heard, place: str) -> Slots:
    if 2 * len(place) >= len(heard.text) and not filling.text("place"):
        return {"place": heard.text[:ANSWER_LIMIT]}
    counts = len(heard.text) <= _COUNT and filling.text("category") == category.LABOUR
    people = readers.people(heard.text) if counts and readers.letters(heard.text) else None
    return {"people": people} if people and not filling.text("people") else {}
