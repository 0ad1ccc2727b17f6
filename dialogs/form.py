"""The engine of every form: which question is open, what an answer does, and the ways out of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dialogs.definition import GO_ON, LEAVE, PURPOSE, Form, Heard, Question, Reading
from dialogs.filling import Filling, Slots
from dialogs.messages import CallPerson, Choice, Context, Effect, Say
from dialogs.readers import guesses, holds
from dialogs.words import is_among

PATIENCE = 3
"""The misunderstanding in a row at which a person is offered."""
CANCEL, OFFER = "cancel", "offer"
ASIDES = frozenset({CANCEL, OFFER})
"""Questions that interrupt the form's own; what is neither of their answers goes to the question beneath."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a message takes a form; no filling: the form is done."""

    filling: Filling | None
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    crises: tuple[str, ...] = ()
    waiting: tuple[Filling, ...] = ()
    """What takes its turn when `filling` is done, in this order."""


def begin(form: Form, now: datetime, slots: Slots | None = None) -> Filling:
    """A new filling, asking its first open question."""
    filling = Filling(form.name, form.version, "", now, now, dict(slots or {}))
    return replace(filling, asking=form.open_question(filling))


def fit(form: Form, filling: Filling) -> Filling | None:
    """A stored filling as this version of the form goes on with it: known slots stay, the rest is asked."""
    slots = {s: v for s, v in filling.slots.items() if s in form.slots and form.slots[s](v)}
    if form.needs and form.needs not in slots:
        return None
    before = filling.before if form.question(filling.before) is not None else ""
    misses = max(0, min(filling.misses, PATIENCE - 1))
    filling = replace(filling, slots=slots, misses=misses, before=before)
    known = form.question(filling.asking) is not None or (filling.asking in ASIDES and filling.before)
    if filling.version != form.version or not known:
        filling = replace(filling, version=form.version, asking=form.open_question(filling), before="")
    return filling


def ask(form: Form, filling: Filling, context: Context) -> tuple[Say, ...]:
    """The question that waits for its answer; its last sentence carries the choices."""
    if filling.asking == CANCEL:
        choices = (Choice("cancel_yes", "choice.cancel_yes"), Choice("cancel_no", "choice.cancel_no"))
        return (Say("complaint.ask_cancel", choices=choices, purpose=PURPOSE),)
    if filling.asking == OFFER:
        return (Say("form.offer_person", choices=_offers(question_of(form, filling)), purpose=PURPOSE),)
    return question_of(form, filling).ask(filling, context)


def hear(form: Form, filling: Filling, heard: Heard) -> Step:
    """What a message does to the form."""
    if filling.asking in ASIDES:
        return _hear_aside(form, filling, heard)
    filling = replace(filling, slots=form.gather(filling, heard))
    question = question_of(form, filling)
    if form.contact and heard.message.contact:
        reading: Reading | None = form.contact(filling, heard.message.contact)
    elif heard.message.location or not (heard.text or heard.picked):
        reading = form.wordless(filling, heard)
    elif not heard.picked and _declines(question, heard.text):
        return skip(form, filling, heard)
    else:
        reading = question.read(filling, heard)
    if reading is None:
        return _missed(filling, question.hint(heard.text) or _hint(question), heard.context.now)
    return _move(form, filling, reading, heard.context.now)


def take(form: Form, filling: Filling, reading: Reading, heard: Heard) -> Step:
    """What a message does that was read already, with what came beside its words."""
    filling = beneath(filling)
    return _move(form, replace(filling, slots=form.gather(filling, heard)), reading, heard.context.now)


def skip(form: Form, filling: Filling, heard: Heard) -> Step:
    """Leave the question open for good; an answer that it already has stays."""
    filling = beneath(filling)
    question = question_of(form, filling)
    if question.offers:
        return hear(form, filling, replace(heard, picked=LEAVE))
    if not question.optional:
        return _missed(filling, question.required, heard.context.now)
    if question.slot in filling.slots:
        return _move(form, filling, Reading(), heard.context.now)
    left = question.skipped(filling) if question.skipped else {question.slot: ""}
    step = _move(form, filling, Reading(left), heard.context.now)
    return step if step.filling else replace(step, says=(Say(form.cancelled),))


def back(form: Form, filling: Filling, heard: Heard) -> Step:
    """To the question answered before, or from an aside or a correction to where it began."""
    if filling.before:
        return Step(_turn_to(filling, filling.before, heard.context.now))
    *earlier, last = filling.answered or ("",)
    if form.question(last) is None:
        return Step(filling, (Say("form.first_question"),))
    return Step(_turn_to(replace(filling, answered=tuple(earlier)), last, heard.context.now))


def go_on(form: Form, filling: Filling, heard: Heard) -> Step:
    """To the question that waits."""
    if question_of(form, filling).offers:
        return hear(form, beneath(filling), replace(heard, picked=GO_ON))
    return Step(beneath(filling), (Say("form.continued"),))


def cancel(form: Form, filling: Filling, heard: Heard) -> Step:
    """End the form, after asking once when something was told."""
    if question_of(form, filling).offers:
        return hear(form, beneath(filling), replace(heard, picked=LEAVE))
    if filling.asking == CANCEL or not form.told(filling):
        return Step(None, (Say(form.cancelled),))
    return Step(_aside(filling, CANCEL, heard.context.now))


def proceed(form: Form, filling: Filling, now: datetime) -> Filling:
    """The filling at its first open question."""
    return _turn_to(filling, form.open_question(filling), now)


def visit(filling: Filling, asking: str, now: datetime) -> Filling:
    """The filling at a question out of turn; its answer leads back to the first open one."""
    return _turn_to(filling, asking, now, before=filling.before or filling.asking)


def home(form: Form, filling: Filling) -> Filling:
    """The filling at its own open question, out of every aside and correction."""
    if not filling.before:
        return filling
    return replace(filling, asking=form.open_question(filling), before="", misses=0)


def returned(form: Form, filling: Filling, context: Context) -> Filling:
    """The filling as it is found: a side question that is not the last one sent any more is dropped.

    Nobody confirms what was asked before an officer came.
    """
    prompt = context.prompt
    if not (filling.before and prompt) or (prompt.purpose != PURPOSE and filling.asking not in ASIDES):
        return filling
    shown, asked = prompt.choices, ask(form, filling, context)[-1].choices
    same = prompt.purpose == PURPOSE and {choice.id for choice in shown} == {choice.id for choice in asked}
    return filling if same else home(form, filling)


def beneath(filling: Filling) -> Filling:
    """The filling with the form's own question instead of an aside."""
    return replace(filling, asking=filling.before, before="") if filling.asking in ASIDES else filling


def question_of(form: Form, filling: Filling) -> Question:
    """The form's own question, beneath an aside if there is one."""
    return form.question(beneath(filling).asking) or form.questions[0]


def _hint(question: Question) -> str:
    return "form.not_understood" if question.typed else "form.not_a_choice"


def _offers(question: Question) -> tuple[Choice, ...]:
    ids = ("person", "continue", "skip") if question.optional else ("person", "continue")
    return tuple(Choice(name, f"choice.{name}") for name in ids)


def _hear_aside(form: Form, filling: Filling, heard: Heard) -> Step:
    sure, other = ("cancel_yes", "cancel_no") if filling.asking == CANCEL else ("person", "continue")
    picked = heard.picked
    if not picked and is_among("yes", heard.text):
        picked = sure
    elif not picked and is_among("no", heard.text):
        picked = other
    if picked == "cancel_yes":
        return Step(None, (Say(form.cancelled),))
    if picked == "person":
        return Step(home(form, filling), effects=(CallPerson("misunderstood"),))
    if picked == "skip":
        return skip(form, filling, heard)
    if picked == other:
        return Step(beneath(filling), (Say("form.continued"),))
    return hear(form, beneath(filling), heard)


def _declines(question: Question, text: str) -> bool:
    unknown = is_among("unknown", text) or (holds("unknown", text) and not guesses(text))
    hands_in = is_among("hands_in", text) and not question.knows(text)
    return question.optional and (unknown or hands_in or (question.typed and is_among("nothing", text)))


def _move(form: Form, filling: Filling, reading: Reading, now: datetime) -> Step:
    if reading.ends:
        return Step(None, reading.says, reading.effects, reading.crises)
    if reading.instead:
        first, *others = reading.instead
        return Step(proceed(form, first, now), reading.says, waiting=tuple(others))
    moved = replace(filling, slots={**filling.slots, **reading.slots}, misses=0)
    if reading.next:
        moved = visit(moved, reading.next, now)
    elif reading.answers:
        if not filling.before:
            trail = tuple(slot for slot in filling.answered if slot != filling.asking)
            moved = replace(moved, answered=(*trail, filling.asking))
        target = form.open_question(moved)
        if not target:
            return Step(None, reading.says, reading.effects, reading.crises)
        moved = _turn_to(moved, target, now)
    return Step(moved, reading.says, reading.effects, reading.crises)


def _turn_to(filling: Filling, asking: str, now: datetime, before: str = "") -> Filling:
    asked = filling.asked if asking == filling.asking else now
    return replace(filling, asking=asking, asked=asked, before=before, misses=0)


def _missed(filling: Filling, hint: str, now: datetime) -> Step:
    misses = filling.misses + 1
    if misses < PATIENCE:
        return Step(replace(filling, misses=misses), (Say(hint),))
    return Step(_aside(filling, OFFER, now))


def _aside(filling: Filling, which: str, now: datetime) -> Filling:
    return _turn_to(filling, which, now, before=beneath(filling).asking)
