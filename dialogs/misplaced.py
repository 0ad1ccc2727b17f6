"""What is said at a question that it does not answer: kept where it belongs, and the question stays open."""

from __future__ import annotations

from dialogs import category, kinds, photo_place, readers
from dialogs.definition import Heard, Reading
from dialogs.filling import Filling, Slots
from dialogs.messages import Say
from dialogs.story import ANSWER_LIMIT, NOTED, received, tell
from dialogs.words import plain, vocabulary

PHONE_BEGUN = 5
"""Digits from which a text is a phone number that went wrong; fewer count people, days or money."""
_REMARK = 4
"""Letters of a denial that tells something: 没有打过我."""
_COUNT = 6
"""Characters: 8个人 only counts; a longer text with a number in it may say when."""
_NAMED = 4
"""Letters beside a phone number that are no more than a name."""


def joins_story(filling: Filling, heard: Heard) -> Reading:
    """The text joins the story; the question stays open."""
    return Reading(tell(filling.slots, heard), NOTED, answers=False)


def changed(filling: Filling, slot: str, value: str) -> Reading:
    """Another answer in this slot, told in a few words; the question that waits stays open."""
    exact = slot == "amount" and value.replace(".", "").isdecimal()
    put: dict[str, object] = {slot: value[:ANSWER_LIMIT]}
    if slot == "place":
        put |= {**photo_place.forgotten(filling.slots), "coarse": ""}
    key = f"complaint.changed_{slot}{'_yuan' if exact else ''}"
    return Reading(put, (Say(key, {slot: value[:ANSWER_LIMIT]}),), answers=False)


def begins_phone(text: str) -> bool:
    """Whether a text has so many digits that it was meant as a phone number."""
    return sum(c.isdecimal() for c in text) >= PHONE_BEGUN


def still_missing(filling: Filling, heard: Heard) -> Slots:
    """What a text at the question for a phone says of an earlier question that has no answer."""
    if begins_phone(heard.text):
        return {}
    found = {name: value for name, value in heard.understanding.entities if name in ("place", "since")}
    if _counts_people(filling, heard.text):
        found["people"] = readers.people(heard.text) or ""
    return {slot: value[:ANSWER_LIMIT] for slot, value in found.items() if value and not filling.text(slot)}


def instead_of(slot: str, filling: Filling, heard: Heard) -> Reading | None:
    """What is made of words that are no answer for this slot; None when they may be one."""
    if describes_files(heard):
        return Reading(tell(filling.slots, heard), received(heard.message), answers=False)
    found = dict(heard.understanding.entities)
    alike = kinds.of(heard.text, heard.understanding.entities)
    slot = "place" if slot == "door" else slot
    if slot in alike and "phone" not in alike:
        return None
    if other := _elsewhere(slot, filling, heard, found):
        return other
    denies = readers.letters(heard.text) >= _REMARK and readers.denies(heard.text)
    return joins_story(filling, heard) if denies and slot in ("since", "place") else None


def describes_files(heard: Heard) -> bool:
    """Whether the words beside a picture only say what it shows: 这是照片."""
    says = plain(heard.text)
    return bool(heard.message.attachments) and any(word in says for word in vocabulary()["files"])


def _elsewhere(slot: str, filling: Filling, heard: Heard, found: dict[str, str]) -> Reading | None:
    """An answer to another question of the form, told at this one."""
    text = heard.text
    if slot == "other_party":
        return None
    if (phone := readers.phone(text)) and readers.letters(text) <= _NAMED:
        name = readers.name(text)
        own = {"phone": phone, **({"name": name} if name else {})}
        return Reading(own, (Say("complaint.phone_received"),), answers=False)
    for other in ("since", "place"):
        if other != slot and 2 * len(found.get(other, "")) >= len(text) and other in found:
            return _put(filling, other, text)
    if slot == "people" and kinds.is_sum(text):
        return _put(filling, "amount", readers.amount(text) or text)
    if slot == "people" or filling.text("category") != category.LABOUR:
        return None
    if slot != "amount" and kinds.of(text) == {"amount"}:
        return _put(filling, "amount", readers.amount(text) or text)
    if len(text) <= _COUNT and kinds.of(text) == {"people"} and not filling.text("people"):
        return _put(filling, "people", readers.people(text) or text)
    return None


def _put(filling: Filling, slot: str, value: str) -> Reading:
    if filling.text(slot):
        return changed(filling, slot, value)
    return Reading({slot: value[:ANSWER_LIMIT]}, NOTED, answers=False)


def _counts_people(filling: Filling, text: str) -> bool:
    labour = filling.text("category") == category.LABOUR
    return labour and readers.holds("some_heads", text) and readers.people(text) is not None
