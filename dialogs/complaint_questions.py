"""The questions of the complaint form, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.domain.rules import OTHER
from dialogs import category, danger, matters, readers
from dialogs.definition import PURPOSE, Ask, Heard, Question, Read, Reading, never
from dialogs.filling import Filling
from dialogs.messages import Choice, Context, Say
from dialogs.story import ANSWER_LIMIT, NOTED, STORY_LIMIT, is_more_than_words, tell
from dialogs.words import is_among

LONG_STORY = 25
"""A text of so many characters that tells of a dispute is a story, not the name of a place or a time."""
MORE_STORY = 4
"""Fewer letters than this at a question with choices are a slip, not a story."""

QUICK_STORY = 2
"""Letters that are enough while the story is still coming."""


def _plain(key: str) -> Ask:
    return lambda _filling, _context: (Say(key, purpose=PURPOSE),)


def _is_calm(filling: Filling) -> bool:
    return not danger.is_told(filling)


def _in(code: str) -> Callable[[Filling], bool]:
    return lambda filling: filling.slots.get("category") == code and _is_calm(filling)


# --- what happened -----------------------------------------------------------------------------------


def _ask_story(filling: Filling, _: Context) -> tuple[Say, ...]:
    return (
        Say("complaint.tell_again" if "story" in filling.slots else "complaint.ask_story", purpose=PURPOSE),
    )


def _read_story(filling: Filling, heard: Heard) -> Reading | None:
    if readers.letters(heard.text) < QUICK_STORY or not is_more_than_words(heard.text):
        return None
    if "story" in filling.slots:
        return Reading({**tell(filling.slots, heard), "story": heard.text[:STORY_LIMIT]}, NOTED)
    told = tell(filling.slots, heard)
    return Reading(told, matters.welcome(replace(filling, slots=told)))


def _read_more(filling: Filling, heard: Heard) -> Reading | None:
    if not is_more_than_words(heard.text):
        return Reading() if is_among("done", heard.text) or is_among("nothing", heard.text) else None
    return Reading(tell(filling.slots, heard), NOTED) if readers.letters(heard.text) else None


def is_story(heard: Heard) -> bool:
    """Whether a text tells of a dispute rather than answers a question."""
    tells = category.intended(heard.understanding, heard.context)
    return bool(tells) and readers.letters(heard.text) >= MORE_STORY


def more_story(filling: Filling, heard: Heard) -> Reading:
    """The text joins the story; the question stays open."""
    return Reading(tell(filling.slots, heard), NOTED, answers=False)


# --- which category ----------------------------------------------------------------------------------


def _proposed(filling: Filling) -> str:
    """The one category to confirm, empty when there are several to choose from."""
    if _is_to_choose(filling) or not category.is_sure(filling):
        return ""
    return next(iter(category.likely(filling)), "")


def _is_to_choose(filling: Filling) -> bool:
    return bool(filling.slots.get("choosing")) or "category" in filling.slots


def _ask_category(filling: Filling, context: Context) -> tuple[Say, ...]:
    if proposed := _proposed(filling):
        name = category.find(proposed, context).name
        yes_no = (Choice("yes", "choice.yes"), Choice("no", "choice.no"))
        return (Say("complaint.confirm_category", {"category": name}, yes_no, PURPOSE),)
    likely = () if _is_to_choose(filling) else category.likely(filling)
    codes = [*likely, OTHER] if likely else [c.code for c in context.categories]
    shown = dict.fromkeys(category.find(code, context) for code in codes)
    choices = tuple(Choice(f"category-{c.code}", "choice.category", {"category": c.name}) for c in shown)
    key = "complaint.likely_category" if likely else "complaint.choose_category"
    return (Say(key, choices=choices, purpose=PURPOSE),)


def _read_category(filling: Filling, heard: Heard) -> Reading | None:
    chosen = heard.picked.removeprefix("category-") if heard.picked.startswith("category-") else ""
    chosen = chosen or category.named_in(heard.text, heard.context)
    if chosen:
        return Reading({"category": chosen, "by_hand": True})
    if proposed := _proposed(filling):
        if _says("yes", heard):
            return Reading({"category": proposed, "by_hand": False})
        if _says("no", heard):
            return Reading({"choosing": True}, answers=False)
    enough = readers.letters(heard.text) >= (QUICK_STORY if heard.quick else MORE_STORY)
    if enough and is_more_than_words(heard.text):
        return more_story(filling, heard)
    return None


def _says(answer: str, heard: Heard) -> bool:
    meant = not heard.quick and heard.means(answer)
    return heard.picked == answer or is_among(answer, heard.text) or meant


def _skipped_category(filling: Filling) -> dict[str, object]:
    return {"category": next(iter(category.likely(filling)), OTHER), "by_hand": True}


# --- short answers -----------------------------------------------------------------------------------


def _ask_place(filling: Filling, _: Context) -> tuple[Say, ...]:
    keys = {category.PROPERTY: "complaint.ask_place_property", category.LABOUR: "complaint.ask_place_labour"}
    return (Say(keys.get(filling.text("category"), "complaint.ask_place"), purpose=PURPOSE),)


def _read_words(slot: str) -> Read:
    def read(filling: Filling, heard: Heard) -> Reading | None:
        if is_story(heard) and len(heard.text) >= LONG_STORY:
            return more_story(filling, heard)
        if is_among("yes", heard.text):
            return None
        return Reading({slot: heard.text[:ANSWER_LIMIT]}) if readers.letters(heard.text) else None

    return read


def _read_quantity(slot: str, exact: Callable[[str], str | None]) -> Read:
    """An exact number where there is one, else the words as typed: “两万多” must not become a loop."""

    def read(_: Filling, heard: Heard) -> Reading | None:
        value = exact(heard.text) or (heard.text[:ANSWER_LIMIT] if readers.letters(heard.text) else "")
        return Reading({slot: value}) if value else None

    return read


def _ask_contact(filling: Filling, _: Context) -> tuple[Say, ...]:
    key = "complaint.ask_contact_danger" if danger.is_told(filling) else "complaint.ask_contact"
    return (Say(key, purpose=PURPOSE),)


def _read_contact(filling: Filling, heard: Heard) -> Reading | None:
    if is_story(heard) and len(heard.text) >= LONG_STORY:
        return more_story(filling, heard)
    name = readers.name(heard.text)
    named = {"name": name} if name else {}
    if phone := readers.phone(heard.text):
        return Reading({"phone": phone, **named})
    if name and not any(c.isdecimal() for c in heard.text):
        return Reading({"phone": "", **named})
    if filling.misses:
        return Reading({"phone": "", **named}, (Say("complaint.without_phone"),))
    return None


def _choice_question(slot: str, yes: str, no: str, when: Callable[[Filling], bool], read: Read) -> Question:
    choices = (Choice("yes", yes), Choice("no", no))

    def ask(_: Filling, __: Context) -> tuple[Say, ...]:
        return (Say(f"complaint.ask_{slot}", choices=choices, purpose=PURPOSE),)

    return Question(slot, ask, read, when, optional=True, typed=False)


def _read_yes_no(slot: str) -> Read:
    def read(_: Filling, heard: Heard) -> Reading | None:
        if is_among("has", heard.text):
            return Reading({slot: "yes"})
        return next((Reading({slot: answer}) for answer in ("yes", "no") if _says(answer, heard)), None)

    return read


def _read_harm(filling: Filling, heard: Heard) -> Reading | None:
    """Whether somebody is being hurt at home: a yes is domestic violence, whatever else was said."""
    reading = _read_yes_no("harm")(filling, heard)
    if reading is None or reading.slots["harm"] == "no":
        return reading
    crises = list(dict.fromkeys((*filling.slots.get("crises", ()), "domestic_violence")))
    return Reading({"harm": "yes", "crises": crises}, crises=("domestic_violence",))


_CONTACT = Question(
    "phone",
    _ask_contact,
    _read_contact,
    optional=True,
    knows=lambda text: readers.phone(text) is not None,
    hint="complaint.wrong_phone",
)
QUESTIONS = (
    matters.WANTED,
    Question("story", _ask_story, _read_story),
    matters.FIRST,
    Question(
        "category", _ask_category, _read_category, optional=True, skipped=_skipped_category, typed=False
    ),
    replace(_CONTACT, when=danger.is_told),
    Question("place", _ask_place, _read_words("place"), optional=True),
    Question("since", _plain("complaint.ask_since"), _read_words("since"), _is_calm, optional=True),
    Question(
        "amount",
        _plain("complaint.ask_amount"),
        _read_quantity("amount", readers.amount),
        _in(category.LABOUR),
        optional=True,
        knows=lambda text: readers.amount(text) is not None,
    ),
    Question(
        "people",
        _plain("complaint.ask_people"),
        _read_quantity("people", readers.people),
        _in(category.LABOUR),
        optional=True,
        knows=lambda text: readers.people(text) is not None,
    ),
    _choice_question("harm", "choice.harm_yes", "choice.harm_no", _in(category.FAMILY), _read_harm),
    _choice_question(
        "mediated",
        "choice.mediated_yes",
        "choice.mediated_no",
        _in(category.NEIGHBOUR),
        _read_yes_no("mediated"),
    ),
    _CONTACT,
    Question(
        "other_party",
        _plain("complaint.ask_other_party"),
        _read_words("other_party"),
        never,
        optional=True,
    ),
    Question("more", _plain("complaint.ask_more"), _read_more, never, verbatim=True),
)
