"""The questions of the complaint form, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.domain.rules import OTHER
from dialogs import category, danger, kinds, matters, misplaced, photo_place, readers, yes_no
from dialogs.definition import PURPOSE, Ask, Heard, Question, Read, Reading, never
from dialogs.filling import Filling, Slots
from dialogs.messages import Choice, Context, Say
from dialogs.story import ANSWER_LIMIT, NOTED, STORY_LIMIT, is_more_than_words, tell
from dialogs.texts import text
from dialogs.words import is_among, plain, vocabulary

LONG_STORY = 25
"""A text of so many characters that tells of a dispute is a story, not the name of a place or a time."""
MORE_STORY = 4
"""Fewer letters than this at a question with choices are a slip, not a story."""

QUICK_STORY = 2
"""Letters that are enough while the story is still coming."""
REMARK, SENTENCE = 6, 9
"""Letters of an answer that tells more (找过居委会 没用), and of one that says more than 对 就是物业."""
_CONTACT_SLOTS = ("phone", "name")
_GUESS = ("likely", "confidence", "trusted", "matters")


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


def _read_happened(filling: Filling, heard: Heard) -> Reading | None:
    """What happened, in the place of the name that was all of the story: 物业."""
    if readers.letters(heard.text) < QUICK_STORY or not is_more_than_words(heard.text):
        return None
    return Reading(tell({slot: v for slot, v in filling.slots.items() if slot != "story"}, heard))


def _is_only_named(filling: Filling) -> bool:
    return bool(filling.slots.get("named")) and _is_calm(filling)


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
    return misplaced.joins_story(filling, heard)


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
    left_out = filling.slots.get("left_out", ())
    codes = [*likely, OTHER] if likely else [c.code for c in context.categories if c.code not in left_out]
    shown = dict.fromkeys(category.find(code, context) for code in codes)
    choices = tuple(Choice(f"category-{c.code}", "choice.category", {"category": c.name}) for c in shown)
    key = "complaint.likely_category" if likely else "complaint.choose_category"
    return (Say(key, choices=choices, purpose=PURPOSE),)


def _read_category(filling: Filling, heard: Heard) -> Reading | None:
    chosen = heard.picked.removeprefix("category-") if heard.picked.startswith("category-") else ""
    chosen = chosen or category.named_in(readers.category_name(heard.text), heard.context)
    proposed = _proposed(filling)
    if chosen:
        return Reading({"category": chosen, "by_hand": chosen != proposed})
    if proposed:
        opening = "" if heard.quick else yes_no.opening(heard.text)
        agrees = bool(opening) and yes_no.agrees(heard.text)
        denied = readers.category_name(heard.text).startswith(_denial(proposed, heard.context))
        if _says("no", heard) or opening == "no" or denied:
            if right := _named_instead(proposed, heard):
                return Reading({**besides(filling, heard, SENTENCE), "category": right, "by_hand": True})
            told = {**besides(filling, heard, SENTENCE), "choosing": True, "rejected": [proposed]}
            return Reading(told, answers=False)
        if _says("yes", heard) or (agrees and _intends(heard) in ("", proposed)):
            return Reading({**besides(filling, heard, SENTENCE), "category": proposed, "by_hand": False})
    rejected = filling.slots.get("rejected", [])
    if rejected and _says("no", heard) and rejected != filling.slots.get("left_out"):
        return Reading({"left_out": rejected}, (Say("complaint.not_that_category"),), answers=False)
    enough = readers.letters(heard.text) >= (QUICK_STORY if heard.quick else MORE_STORY)
    if enough and is_more_than_words(heard.text):
        return more_story(filling, heard)
    return None


def _named_instead(refused: str, heard: Heard) -> str:
    """The other category that a no goes on to name: 不是，是物业的事."""
    _, *rest = readers.phrases(heard.text) or ("",)
    named = {category.named_in(readers.category_name(plain(phrase)), heard.context) for phrase in rest}
    return next(iter(named - {"", refused}), "") if len(named - {"", refused}) == 1 else ""


def _intends(heard: Heard) -> str:
    """The category that the words surely tell of."""
    sure = heard.understanding.confidence >= category.CATEGORY_SURE
    return category.intended(heard.understanding, heard.context) if sure else ""


def besides(filling: Filling, heard: Heard, least: int) -> Slots:
    """What an answer of at least so many letters tells beside it; the guess of a category stays as it was."""
    if heard.picked or readers.letters(heard.text) < least:
        return {}
    told = tell(filling.slots, heard)
    return {slot: value for slot, value in told.items() if slot not in _GUESS}


def _denial(code: str, context: Context) -> str:
    return f"{vocabulary()['denial']}{category.find(code, context).name}"


def _says(answer: str, heard: Heard) -> bool:
    meant = not heard.quick and heard.means(answer)
    return heard.picked == answer or is_among(answer, heard.text) or meant


def _skipped_category(filling: Filling) -> dict[str, object]:
    return {"category": next(iter(category.likely(filling)), OTHER), "by_hand": True}


# --- short answers -----------------------------------------------------------------------------------


def _ask_place(filling: Filling, _: Context) -> tuple[Say, ...]:
    keys = {category.PROPERTY: "complaint.ask_place_property", category.LABOUR: "complaint.ask_place_labour"}
    # Nobody in danger was asked for the category: what it is taken for says nothing of the place yet.
    known = "" if danger.is_told(filling) else filling.text("category")
    return (Say(keys.get(known, "complaint.ask_place"), purpose=PURPOSE),)


def _ask_door(filling: Filling, _: Context) -> tuple[Say, ...]:
    labour = filling.text("category") == category.LABOUR
    return (Say("complaint.ask_workplace" if labour else "complaint.ask_door", purpose=PURPOSE),)


def asked_aside(words: str) -> str:
    """What is said to a question that nothing here answers."""
    return "form.cannot_answer" if readers.asks(words) else ""


def _asks_again(slot: str) -> Callable[[str], str]:
    """What is said to words that do not look like an answer, before the question is asked once more."""

    def hint(words: str) -> str:
        return asked_aside(words) or (f"complaint.no_{slot}" if readers.letters(words) else "")

    return hint


def _read_words(slot: str) -> Read:
    """The words as typed; what does not look like an answer is taken only when it is said again."""

    def read(filling: Filling, heard: Heard) -> Reading | None:
        if beside := _told_beside(slot, filling, heard):
            return beside
        if is_among("yes", heard.text) or is_among("no", heard.text) or readers.asks(heard.text):
            return None
        sure = kinds.fits(slot, heard.text) and (readers.letters(heard.text) or slot in kinds.of(heard.text))
        if not (sure or (filling.misses and any(map(str.isalnum, heard.text)))):
            return None
        if slot != "place":
            return Reading({slot: heard.text[:ANSWER_LIMIT]})
        exact = {"coarse": ""} if filling.text("coarse") else {}
        return Reading({slot: readers.amended(filling.text(slot), heard.text)[:ANSWER_LIMIT], **exact})

    return read


def _told_beside(slot: str, filling: Filling, heard: Heard) -> Reading | None:
    """What is made of words that tell something, and do not answer this question."""
    if is_story(heard) and (len(heard.text) >= LONG_STORY or readers.asks(heard.text)):
        return more_story(filling, heard)
    charged = slot != "other_party" and readers.holds("overcharged", heard.text)
    if charged and slot not in kinds.of(heard.text):
        return more_story(filling, heard)
    return misplaced.instead_of(slot, filling, heard)


def _read_door(filling: Filling, heard: Heard) -> Reading | None:
    """The building, behind the street or the position that is known already."""
    told = _read_words("door")(filling, heard)
    if told is None or "door" not in told.slots:
        return told
    place, door = filling.text("coarse"), str(told.slots["door"])
    on_map = place == text("complaint.place_on_map")
    whole = door if on_map or door.startswith(place) else f"{place}{door}"
    return replace(told, slots={**told.slots, "place": whole[:ANSWER_LIMIT]})


def _read_quantity(slot: str, exact: Callable[[str], str | None]) -> Read:
    """An exact number where there is one, else the words as typed: “两万多” must not become a loop."""

    def read(filling: Filling, heard: Heard) -> Reading | None:
        if beside := _told_beside(slot, filling, heard):
            return beside
        if readers.asks(heard.text) or not (filling.misses or kinds.fits(slot, heard.text)):
            return None
        if readers.holds("date_alone", heard.text):
            return _time_told(filling, heard)
        found = "" if readers.guesses(heard.text) else dict(heard.understanding.entities).get(slot, "")
        value = exact(heard.text) or found or (heard.text if readers.letters(heard.text) else "")
        return Reading({slot: value[:ANSWER_LIMIT]}) if value else None

    return read


def _time_told(filling: Filling, heard: Heard) -> Reading:
    """A date where a number is asked for."""
    told = heard.text.lstrip(vocabulary()["correction"]["is"][0])
    changed = misplaced.changed(filling, "since", told)
    return changed if filling.text("since") else replace(changed, says=NOTED)


def _ask_contact(filling: Filling, _: Context) -> tuple[Say, ...]:
    key = "complaint.ask_contact_danger" if danger.is_told(filling) else "complaint.ask_contact"
    return (Say(key, purpose=PURPOSE),)


def _read_contact(filling: Filling, heard: Heard) -> Reading | None:
    if is_story(heard) and (len(heard.text) >= LONG_STORY or readers.asks(heard.text)):
        return more_story(filling, heard)
    if misplaced.describes_files(heard):
        return misplaced.instead_of("phone", filling, heard)
    name = readers.name(heard.text) or readers.contact(heard.text).get("name", "")
    named = {"name": name} if name else {}
    if phone := readers.phone(heard.text):
        return Reading({"phone": phone, **named})
    if name and not any(c.isdecimal() for c in heard.text):
        return Reading({"phone": "", **named})
    if known := misplaced.still_missing(filling, heard):
        return Reading(known, NOTED, answers=False)
    if readers.asks(heard.text):
        return None
    if is_story(heard) and not (misplaced.begins_phone(heard.text) or yes_no.keeps_phone(heard.text)):
        return more_story(filling, heard)
    if filling.misses or yes_no.keeps_phone(heard.text):
        return Reading({"phone": "", **named}, (Say("complaint.without_phone"),))
    return None


def _choice_question(
    slot: str, yes: str, no: str, when: Callable[[Filling], bool], says: Callable[[str], str]
) -> Question:
    choices = (Choice("yes", yes), Choice("no", no))

    def ask(_: Filling, __: Context) -> tuple[Say, ...]:
        return (Say(f"complaint.ask_{slot}", choices=choices, purpose=PURPOSE),)

    def read(filling: Filling, heard: Heard) -> Reading | None:
        answers = (answer for answer in ("yes", "no") if _says(answer, heard))
        answer = heard.picked or ("yes" if is_among("has", heard.text) else next(answers, says(heard.text)))
        if not answer:
            return _of_another(filling, heard)
        reading = Reading({**besides(filling, heard, REMARK), slot: answer})
        return _harmed(filling, reading) if (slot, answer) == ("harm", "yes") else reading

    return Question(slot, ask, read, when, optional=True, typed=False, knows=lambda words: bool(says(words)))


def _of_another(filling: Filling, heard: Heard) -> Reading | None:
    """A remark with a phone number in it is story; nobody is called on a number that may be another's."""
    if readers.phone(heard.text) is None or readers.letters(heard.text) < MORE_STORY:
        return None
    told = more_story(filling, heard)
    return replace(told, slots={slot: v for slot, v in told.slots.items() if slot not in _CONTACT_SLOTS})


def _harmed(filling: Filling, reading: Reading) -> Reading:
    """Somebody is being hurt at home: that is domestic violence, whatever else was said."""
    crises = list(dict.fromkeys((*filling.slots.get("crises", ()), "domestic_violence")))
    return replace(reading, slots={**reading.slots, "crises": crises}, crises=("domestic_violence",))


_CONTACT = Question(
    "phone",
    _ask_contact,
    _read_contact,
    optional=True,
    knows=lambda words: readers.phone(words) is not None or yes_no.keeps_phone(words),
    hint=lambda words: (
        asked_aside(words) or f"complaint.{'wrong' if misplaced.begins_phone(words) else 'no'}_phone"
    ),
)
QUESTIONS = (
    matters.WANTED,
    Question("story", _ask_story, _read_story),
    matters.FIRST,
    Question(
        "category",
        _ask_category,
        _read_category,
        optional=True,
        skipped=_skipped_category,
        typed=False,
        knows=yes_no.agrees,
        hint=lambda words: "complaint.which_category" if is_among("yes", words) else "",
    ),
    Question(
        "happened",
        _plain("complaint.ask_happened"),
        _read_happened,
        _is_only_named,
        optional=True,
        hint=asked_aside,
    ),
    replace(_CONTACT, when=danger.is_told),
    photo_place.question(_read_words("place")),
    Question("place", _ask_place, _read_words("place"), optional=True, hint=asked_aside),
    Question(
        "door",
        _ask_door,
        _read_door,
        lambda filling: bool(filling.text("coarse")),
        optional=True,
        hint=asked_aside,
    ),
    Question(
        "since",
        _plain("complaint.ask_since"),
        _read_words("since"),
        _is_calm,
        optional=True,
        hint=_asks_again("since"),
    ),
    Question(
        "amount",
        _plain("complaint.ask_amount"),
        _read_quantity("amount", readers.amount),
        _in(category.LABOUR),
        optional=True,
        knows=readers.mentions_a_sum,
        hint=_asks_again("amount"),
    ),
    Question(
        "people",
        _plain("complaint.ask_people"),
        _read_quantity("people", readers.people),
        _in(category.LABOUR),
        optional=True,
        knows=readers.mentions_heads,
        hint=_asks_again("people"),
    ),
    _choice_question("harm", "choice.harm_yes", "choice.harm_no", _in(category.FAMILY), yes_no.there_is),
    _choice_question(
        "mediated",
        "choice.mediated_yes",
        "choice.mediated_no",
        _in(category.NEIGHBOUR),
        yes_no.was_tried,
    ),
    _CONTACT,
    Question(
        "other_party",
        _plain("complaint.ask_other_party"),
        _read_words("other_party"),
        never,
        optional=True,
        hint=asked_aside,
    ),
    Question("more", _plain("complaint.ask_more"), _read_more, never, verbatim=True),
)
