"""An answer is taken back or given at last: 不对，是9号楼; 刚才说错了; 地点错了; 还是留个电话 138…"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dialogs import category, kinds, misplaced, photo_place, readers, yes_no
from dialogs.complaint_questions import QUESTIONS
from dialogs.definition import Heard, Reading
from dialogs.filling import Filling
from dialogs.form import ASIDES, beneath
from dialogs.interrupts import LONGEST_COMMAND
from dialogs.messages import Say
from dialogs.story import NOTED, gather
from dialogs.texts import text as sentence
from dialogs.words import is_among, plain, vocabulary

FIELDS = ("place", "since", "amount", "people", "phone", "other_party")
"""The answers that are typed; the others are chosen."""
_LONGEST_VALUE = 15
"""Characters of a value that looks like nothing in particular."""
_NO_STORY = ("story", "happened", "more", "first", "wanted")
"""Questions at which whatever is said is story, or about another matter."""
_FOR_NUMBERS = ("phone", "other_party")
"""Questions that read a phone number themselves: whose it is depends on them."""
_READ_PLACES = ("place", "door", "other_party", photo_place.USE)
"""Questions to which a building may be the answer."""
_CALLED = ("other_party", "name")
_ANSWERS = ("yes", "no", "has", "unknown", "submit")
_SUMMARY = ("summary", "edit")
_CHOSEN = ("harm", "mediated")
_ASKED_AGAIN = (*FIELDS, *_CHOSEN, "category", "door")
_OF_ANY_KIND = ("place", "since", "other_party")
_EXACT: Mapping[str, Callable[[str], str | None]] = {
    "phone": readers.phone,
    "amount": readers.amount,
    "people": readers.people,
    "name": readers.name,
}
_MARKS = " ,，.。:：!！;；、?？~…-"


@dataclass(frozen=True, slots=True)
class Said:
    """What a correction says."""

    slot: str
    """The entry that it names, empty when it names none."""
    value: str
    """What is right instead, empty when that is still to be asked."""
    sure: bool
    """Whether its words can mean nothing but a correction."""
    denied: str = ""
    """What is wrong, as far as it says so: 不是8号楼是9号楼."""


def parse(text: str) -> Said | None:
    """What a text corrects; None when it has no words of a correction."""
    words = vocabulary()["correction"]
    rest = _without(unicodedata.normalize("NFKC", text).strip(_MARKS), words["before"])
    slot, rest = _field(rest)
    sure, rest_of = words["surely"], (*words["wrong"], *words["maybe"], *words["named"])
    mark, told = _begun(rest, (*sure, *rest_of))
    if not mark:
        return _at_the_end(rest, slot)
    denied = ""
    if mark in words["denies"] and any(word in told.strip(_MARKS)[1:] for word in words["is"]):
        denied, _, told = told.strip(_MARKS).partition(words["is"][0])
        denied = _without_end(denied.strip(_MARKS), words["rather"]).strip(_MARKS)
    elif not slot:
        slot, told = _field(told)
    value = _without(told, (*words["between"], *sure))
    value = value.strip(_MARKS).rstrip(vocabulary()["particles"]).strip(_MARKS)
    if mark in words["named"] and not slot:
        return None
    if not (value or slot) and mark in words["maybe"]:
        return None
    return Said(slot, value, mark in sure, denied)


def read(filling: Filling, heard: Heard) -> Reading | None:
    """What a text does that corrects or completes the answers given; None when it does neither."""
    asking = beneath(filling).asking
    if given := _contact(filling, heard, asking) or _more_of_the_place(filling, heard, asking):
        return given
    hurried = heard.picked or heard.quick or heard.understanding.crises or heard.understanding.matters
    if hurried or asking in _NO_STORY or "category" not in filling.slots or len(heard.text) > LONGEST_COMMAND:
        return None
    if is_among("keeps", heard.text):
        return _as_it_was(filling, asking)
    said = parse(heard.text)
    if said is None:
        return None
    if code := _category(said, heard, asking):
        told = {**gather(filling.slots, heard.message), "category": code, "by_hand": True}
        says = Say("complaint.changed_category", {"category": category.find(code, heard.context).name})
        return Reading(says=(says,), instead=(replace(filling, slots=told, before=""),))
    if not said.value:
        return _to_ask_again(filling, said, asking)
    if slot := _meant(filling, said, heard, asking):
        return _put(filling, slot, said, heard, asking)
    last = next(reversed(filling.answered), "")
    chosen = last in _CHOSEN and last != asking and not (said.slot or filling.before)
    return Reading(next=last) if chosen and asking in FIELDS else None


def contact_beside(filling: Filling, heard: Heard) -> tuple[dict[str, str], Heard]:
    """The resident's own phone number after an answer, and the answer without it: 去年，我电话138…."""
    elsewhere = heard.picked or heard.message.contact or filling.asking in (*_NO_STORY, *_FOR_NUMBERS)
    divided = None if elsewhere else readers.contact_after(heard.text)
    if divided is None:
        return {}, heard
    answer, rest = divided
    says_own = any(word in plain(rest) for word in vocabulary()["gives_phone"]["own"])
    if not (says_own or kinds.of(answer) or any(is_among(group, answer) for group in _ANSWERS)):
        return {}, heard
    return readers.contact(rest), replace(heard, message=replace(heard.message, text=answer))


def _as_it_was(filling: Filling, asking: str) -> Reading | None:
    """What 不改了 does: back from a correction, or on with the summary."""
    corrects = filling.before and filling.asking not in ASIDES
    return Reading(answers=bool(corrects)) if corrects or asking == "summary" else None


def _category(said: Said, heard: Heard, asking: str) -> str:
    """The category that a correction names, empty when its words may mean something else."""
    names = yes_no.opening(heard.text) == "no" or bool(said.denied) or asking in _SUMMARY
    sure = said.sure or bool(said.slot) or (names and asking not in _CHOSEN)
    if not sure or said.slot not in ("", "category") or asking == "other_party":
        return ""
    return category.called_in(readers.category_name(plain(said.value)), heard.context)


def _contact(filling: Filling, heard: Heard, asking: str) -> Reading | None:
    """A phone number given at any other question than the one for it, or a name at 请核对."""
    elsewhere = heard.picked or heard.message.contact or asking in _FOR_NUMBERS
    if asking in _SUMMARY and not elsewhere:
        if readers.wants_phone(heard.text):
            return Reading(next="phone")
        if named := readers.own_name(heard.text):
            return replace(misplaced.changed(filling, "name", named), answers=asking == "edit")
    told = {} if elsewhere else readers.contact(heard.text)
    if not told:
        return None
    other = filling.text("phone") not in ("", told["phone"])
    changed = misplaced.changed(filling, "phone", told["phone"]).says
    return Reading(told, changed if other else (Say("complaint.phone_received"),), answers=asking == "edit")


def _more_of_the_place(filling: Filling, heard: Heard, asking: str) -> Reading | None:
    """The building or the door, told by itself after the estate: 阳光小区, and then 3号楼."""
    elsewhere = heard.picked or asking in (*_NO_STORY, *_READ_PLACES)
    address = "" if elsewhere else readers.address(heard.text)
    if not address:
        return None
    known = filling.text("place")
    if not known:
        return Reading({"place": address}, NOTED, answers=asking == "edit")
    whole = address if known == sentence("complaint.place_on_map") else readers.amended(known, address)
    return replace(misplaced.changed(filling, "place", whole), answers=asking == "edit")


def _to_ask_again(filling: Filling, said: Said, asking: str) -> Reading | None:
    """The question that was answered wrongly: the one that is named, else the last one."""
    if said.slot:
        question = "phone" if said.slot == "name" else said.slot
        return Reading(next=question) if question in (*_open_to(filling), "category", "story") else None
    if asking == "summary":
        return Reading(next="edit")
    last = next(reversed(filling.answered), "")
    known = not filling.before and last in _ASKED_AGAIN
    return Reading(next=last) if known and (asking in FIELDS or (asking in _CHOSEN and said.sure)) else None


def _meant(filling: Filling, said: Said, heard: Heard, asking: str) -> str:
    """The slot that a value belongs to; empty when the text is no correction after all."""
    fields = _open_to(filling)
    if said.slot:
        return said.slot if said.slot in fields and _is_one(said.slot, said.value) else ""
    if said.denied and (held := [slot for slot in fields if said.denied in filling.text(slot)]):
        return held[0]
    found = heard.understanding.entities
    alike = kinds.of(said.value, found)
    if asking not in FIELDS and not said.sure and "since" in alike:
        # 不是，是去年打过我: an answer that holds a time.
        mostly = any(name == "since" and 2 * len(time) >= len(said.value) for name, time in found)
        alike = alike if mostly else frozenset()
    last = next((slot for slot in reversed(filling.answered) if slot in FIELDS), "")
    if last == "phone" and filling.text("name") and readers.name(said.value) and "phone" not in alike:
        return "name"
    for slot in (asking, last) if filling.before else (last, asking):
        if slot in alike:
            return slot
    if fitting := [slot for slot in fields if slot in alike]:
        return next((slot for slot in fitting if filling.text(slot)), fitting[0])
    tells = category.intended(heard.understanding, heard.context) or len(said.value) > _LONGEST_VALUE
    if alike or tells or not said.sure or last not in _OF_ANY_KIND or not kinds.fits(last, said.value):
        return ""
    return last


def _put(filling: Filling, slot: str, said: Said, heard: Heard, asking: str) -> Reading | None:
    value = _value(filling, slot, said)
    if slot == asking and filling.asking not in ASIDES:
        question = next(question for question in QUESTIONS if question.slot == slot)
        return question.read(filling, replace(heard, message=replace(heard.message, text=value)))
    return replace(misplaced.changed(filling, slot, value), answers=asking == "edit")


def _value(filling: Filling, slot: str, said: Said) -> str:
    old = filling.text(slot)
    if said.denied and said.denied in old:
        return old.replace(said.denied, said.value, 1)
    if slot == "place":
        return said.value if old == sentence("complaint.place_on_map") else readers.amended(old, said.value)
    exact = _EXACT.get(slot)
    return (exact(said.value) if exact else None) or said.value


def _is_one(slot: str, value: str) -> bool:
    if slot == "phone":
        return readers.phone(value) is not None
    return kinds.fits(slot, value)


def _open_to(filling: Filling) -> tuple[str, ...]:
    """The fields that this complaint has."""
    asked = {question.slot for question in QUESTIONS if question.when(filling)}
    always = ("since", "other_party", "name")
    return tuple(slot for slot in (*FIELDS, "name") if slot in asked or slot in always)


def _at_the_end(rest: str, slot: str) -> Said | None:
    """9号楼，刚才说错了; 地点是9号楼; 对方叫王五."""
    words = vocabulary()["correction"]
    *_, last = readers.phrases(rest) or ("",)
    told = rest.removesuffix(last).strip(_MARKS)
    if told and _without(last, words["before"]) in words["surely"]:
        return Said(slot, _without(told, words["between"]), sure=True)
    value = _without(rest, words["is"])
    if slot in _CALLED and _names(named := _without(value, words["called"])):
        value = named
    return Said(slot, value, sure=False) if slot and value and value != rest else None


def _names(words: str) -> bool:
    """Whether words are a name: 对方叫王五 has one, 对方叫人来闹 has none."""
    return bool(readers.name(words)) or readers.names_a("other_party", words)


def _field(words: str) -> tuple[str, str]:
    """The entry with whose name words begin, and what follows it."""
    for slot, names in vocabulary()["fields"].items():
        name, rest = _begun(words, names)
        if name:
            return str(slot), rest
    return "", words


def _begun(words: str, beginnings: Sequence[str]) -> tuple[str, str]:
    found = max((begun for begun in beginnings if words.startswith(begun)), key=len, default="")
    return found, words.removeprefix(found)


def _without(words: str, beginnings: Sequence[str]) -> str:
    while True:
        words = words.lstrip(_MARKS)
        found, rest = _begun(words, beginnings)
        if not found:
            return words
        words = rest


def _without_end(words: str, ends: Sequence[str]) -> str:
    return next((words.removesuffix(end) for end in ends if words.endswith(end)), words)
