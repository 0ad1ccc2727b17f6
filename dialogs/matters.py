"""Several disputes at once: which one first, and the others kept until it is their turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from backend.domain.rules import OTHER
from dialogs import category, danger, readers, said, yes_no
from dialogs.definition import GO_ON, LEAVE, PURPOSE, Heard, Question, Reading
from dialogs.filling import Filling
from dialogs.form import Step
from dialogs.memory import Memory, Reply
from dialogs.messages import Choice, Context, Say
from dialogs.story import NOTED, is_more_than_words, tell
from dialogs.texts import shorten, text
from dialogs.words import is_among, plain

MOST_WAITING = 4
"""More matters than these are not kept: whoever has more is told so, and can say them again."""
NAMED_LENGTH = 16
_MORE_STORY = 4
_JOINS_LETTERS = 8
"""From here words that choose a matter also tell more of it."""
_WHICH, _ONE = "matter", "one"
_CONTACT = ("phone", "name")
_ONLY_THIS = Say("matters.cancelled")
_APART = timedelta(microseconds=1)


# --- which one first ---------------------------------------------------------------------------------


def are_told(filling: Filling) -> bool:
    """Whether it is open which of several matters comes first; in danger nobody is asked that."""
    several = bool(filling.slots.get("matters")) and "first" not in filling.slots
    return several and "category" not in filling.slots and not danger.is_told(filling)


def welcome(filling: Filling) -> tuple[Say, ...]:
    """The sentence before the first question; the question about several matters says it itself."""
    return () if are_told(filling) else (Say("complaint.first_reply"),)


def _ask_first(filling: Filling, context: Context) -> tuple[Say, ...]:
    told = _told(filling, context)
    choices = tuple(_choice(place, heard) for place, heard in enumerate(told))
    key = "matters.ask_two" if len(told) == 2 else "matters.ask_more"
    return (Say(key, choices=(*choices, Choice(_ONE, "choice.one_matter")), purpose=PURPOSE),)


def _choice(place: int, heard: Heard) -> Choice:
    name, story = _name(heard), _named(heard.text)
    key = "choice.matter_category" if name else "choice.matter"
    return Choice(f"{_WHICH}-{place}", key, {"story": story, "category": name} if name else {"story": story})


def _read_first(filling: Filling, heard: Heard) -> Reading | None:
    told = _told(filling, heard.context)
    if heard.picked == _ONE or not told or is_among("one_matter", heard.text):
        return Reading({"first": _ONE}, (Say("complaint.first_reply"),))
    if heard.picked.startswith(f"{_WHICH}-"):
        return _divided(filling, int(heard.picked.removeprefix(f"{_WHICH}-")), heard.context)
    if is_among("any_matter", heard.text) or is_among("yes", heard.text):
        return _divided(filling, 0, heard.context)
    if _is_further(told, heard):
        return Reading(_with_further(filling, heard).slots, NOTED, answers=False)
    chosen = None if heard.quick else _meant(told, heard)
    tells = readers.letters(heard.text) >= (_MORE_STORY if chosen is None else _JOINS_LETTERS)
    if tells and is_more_than_words(heard.text):
        filling = _told_more(filling, len(told) - 1 if chosen is None else chosen, heard)
    if chosen is not None:
        return _divided(filling, chosen, heard.context)
    return Reading(filling.slots, NOTED, answers=False) if tells else None


def _meant(told: list[Heard], heard: Heard) -> int | None:
    """The one matter in whose words it is named (先电梯), or whose category is named or surely meant."""
    known = [_name(part) for part in told]
    said_of = [words for words in map(readers.named_matter, readers.phrases(heard.text)) if len(words) > 1]
    named = {name for name in known if name and name in heard.text}
    for places in (
        [place for place, part in enumerate(told) if any(words in plain(part.text) for words in said_of)],
        [place for place, name in enumerate(known) if name in named],
        [place for place, name in enumerate(known) if name in _intents(heard)],
    ):
        if len(places) == 1:
            return places[0]
    return None


def _intents(heard: Heard) -> set[str]:
    intent = heard.understanding.intent
    return {intent} if heard.means(intent) else set()


def _told_more(filling: Filling, place: int, heard: Heard) -> Filling:
    """More of one matter, and of the whole in case it is one after all."""
    parts = said.with_more(filling.slots["matters"], place, heard.text)
    return replace(filling, slots={**tell(filling.slots, heard), "matters": parts})


def _is_further(told: list[Heard], heard: Heard) -> bool:
    """Whether a text passes on to a matter that surely is of another category: 还有一件 我要离婚."""
    if not readers.passes_on(heard.text) or len(told) > MOST_WAITING:
        return False
    surely = _code(heard) if category.is_told(heard.understanding, heard.context) else ""
    return bool(surely) and surely not in map(_code, told)


def _with_further(filling: Filling, heard: Heard) -> Filling:
    parts = [*filling.slots["matters"], said.keep(heard)]
    return replace(filling, slots={**tell(filling.slots, heard), "matters": parts})


def _divided(filling: Filling, first: int, context: Context) -> Reading:
    """A form for each matter; what came besides the words belongs to the one that was chosen."""
    told = _told(filling, context)
    chosen, *others = (_form_of(filling, heard) for heard in (told[first], *told[:first], *told[first + 1 :]))
    # What is done once for each complaint, such as a reminder, knows it by when it was begun.
    others = [replace(form, since=form.since + place * _APART) for place, form in enumerate(others, 1)]
    besides = {slot: filling.slots[slot] for slot in ("attachments", "location") if slot in filling.slots}
    if "location" in besides:
        besides["place"] = filling.text("place")
    chosen = replace(chosen, slots={**chosen.slots, **besides})
    return Reading(says=(Say("matters.first"),), instead=(chosen, *map(put_aside, others)))


def _form_of(filling: Filling, heard: Heard) -> Filling:
    contact = {slot: filling.slots[slot] for slot in _CONTACT if slot in filling.slots}
    told = {**contact, **tell({}, heard)}
    if code := _code(heard):
        told |= {"category": code, "by_hand": False}
    return replace(filling, slots=told, answered=(), before="", misses=0)


def _told(filling: Filling, context: Context) -> list[Heard]:
    return [said.hear_again(part, context) for part in filling.slots.get("matters", ())]


def _code(heard: Heard) -> str:
    """The category that a part surely is of; empty when that is still to be asked."""
    if heard.understanding.confidence < category.CATEGORY_SURE:
        return ""
    return category.intended(heard.understanding, heard.context) or OTHER


def _name(heard: Heard) -> str:
    code = _code(heard)
    return category.find(code, heard.context).name if code else ""


FIRST = Question(
    "first",
    _ask_first,
    _read_first,
    are_told,
    typed=False,
    knows=lambda words: is_among("any_matter", words),
)


# --- the others, when it is their turn ---------------------------------------------------------------


def put_aside(filling: Filling) -> Filling:
    """A complaint that waits: it is asked for when its turn comes."""
    kept = {slot: value for slot, value in filling.slots.items() if slot != WANTED.slot}
    kept["waits"] = True
    return replace(filling, slots=kept, asking=WANTED.slot, before="", misses=0, doubt="", said=())


def put_off(memory: Memory, filling: Filling) -> tuple[Memory, tuple[Say, ...]]:
    """The memory with a complaint that waits for the next one to be done, and what is to be said of it."""
    waiting = [form for form in memory.paused if is_waiting(form)]
    dropped = waiting[: max(0, len(waiting) + 1 - MOST_WAITING)]
    paused = (*(form for form in memory.paused if form not in dropped), put_aside(filling))
    says = (Say("matters.put_off"), *(Say("complaint.not_registered") for _ in dropped))
    return replace(memory, paused=paused), says


def is_waiting(filling: Filling) -> bool:
    """Whether a complaint waits for its turn."""
    return filling.asking == WANTED.slot


def agreed(filling: Filling) -> Filling:
    """A complaint whose turn it is, wanted."""
    return replace(filling, slots={**filling.slots, WANTED.slot: "yes"}) if is_waiting(filling) else filling


def moved(memory: Memory, step: Step, now: datetime) -> Reply:
    """What a step of the active form leads to; when the form is done, what waited takes its turn."""
    if step.filling:
        paused = (*memory.paused, *reversed(step.waiting))
        return Reply(replace(memory, form=step.filling, paused=paused), step.says, step.effects)
    return next_turn(memory, Reply(memory.end(), step.says, step.effects), now)


def next_turn(before: Memory, reply: Reply, now: datetime) -> Reply:
    """The reply that ends a form, with what waited: nobody is asked twice how to be reached."""
    done, waiting = before.form, reply.memory.form
    if done is None or waiting is None or not is_waiting(waiting):
        return reply
    contact = {slot: done.slots[slot] for slot in _CONTACT if slot in done.slots}
    waiting = replace(waiting, asked=now, slots={**contact, **waiting.slots})
    says = tuple(_ONLY_THIS if say.key == "complaint.cancelled" else say for say in reply.says)
    return replace(reply, memory=replace(reply.memory, form=waiting), says=says)


def in_short(filling: Filling, context: Context) -> dict[str, str]:
    """The beginning of a story, and its category when that is known and it is one."""
    short = {"story": _named(filling.text("story")) or text("complaint.only_files")}
    code = "" if are_told(filling) else category.of(filling)
    return {**short, "category": category.find(code, context).name} if code else short


def _named(story: str) -> str:
    return shorten(" ".join(story.split()), NAMED_LENGTH)


def _waits(filling: Filling) -> bool:
    return bool(filling.slots.get("waits")) and not danger.is_told(filling)


def _ask_wanted(filling: Filling, context: Context) -> tuple[Say, ...]:
    choices = (Choice(GO_ON, "choice.next_go_on"), Choice(LEAVE, "choice.next_leave"))
    named = in_short(filling, context)
    return (Say(f"matters.next_{'category' if 'category' in named else 'story'}", named, choices, PURPOSE),)


def _read_wanted(filling: Filling, heard: Heard) -> Reading | None:
    if heard.picked == LEAVE or _declines(heard.text):
        return Reading(says=(Say("matters.left"),), ends=True)
    length, agrees = readers.letters(heard.text), heard.picked == GO_ON or _accepts(heard.text)
    tells = length >= (_JOINS_LETTERS if agrees else _MORE_STORY) and is_more_than_words(heard.text)
    if not agrees and not tells:
        return None
    told = tell(filling.slots, heard) if tells else {}
    return Reading({**told, WANTED.slot: "yes"}, NOTED if tells else (Say("form.continued"),))


def _settles(words: str) -> bool:
    return _declines(words) or _accepts(words)


def _accepts(words: str) -> bool:
    """Whether words begin with a yes: 登记 我老公急死了."""
    first = next(iter(readers.phrases(words)), "")
    return yes_no.agrees(words) or is_among("any_matter", words) or is_among("now", first)


def _declines(words: str) -> bool:
    """Whether words begin with a no, or put it off: 不用了 我自己找老板, 以后再说吧."""
    first = next(iter(readers.phrases(words)), "")
    return yes_no.opening(words) == "no" or is_among("nothing", first) or is_among("not_now", first)


WANTED = Question("wanted", _ask_wanted, _read_wanted, _waits, typed=False, knows=_settles, offers=True)
