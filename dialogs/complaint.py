"""The complaint form (矛盾纠纷登记): its summary, its corrections, and the case it opens."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.rules import OTHER
from dialogs import category, danger, form, photo_place, readers, said, slots, yes_no
from dialogs.complaint_questions import MORE_STORY, QUESTIONS, SENTENCE, asked_aside, besides, is_story
from dialogs.definition import PURPOSE, Form, Heard, Question, Reading, never
from dialogs.filling import Filling, Slots
from dialogs.form import CANCEL
from dialogs.memory import Memory
from dialogs.messages import Choice, Contact, Context, Draft, Location, OpenCase, Say
from dialogs.readers import bare_number, choice_in
from dialogs.story import (
    ANSWER_LIMIT,
    NOTED,
    gather,
    is_more_than_words,
    located,
    received,
    tell,
    tells_besides,
)
from dialogs.texts import label, shorten, text
from dialogs.words import is_among, plain, vocabulary

DETAILS = ("amount", "people", "harm", "mediated")
"""The slots of the categories' own questions; they become `Draft.details`."""
_TEXTS = ("story", "place", "since", "other_party", "amount", "people", "harm", "mediated", "name", "phone")
_EDITABLE = ("category", "story", "place", "since", "other_party", "phone", *DETAILS)
_EDITABLE_ALWAYS = 6
SHOWN_STORY = 60
"""Characters of a story that the summary repeats; the case keeps every word."""
_LONGEST_CORRECTION = 10
"""Characters: who writes more says what is right instead."""


def is_active(memory: Memory) -> bool:
    """Whether a complaint is being told."""
    return memory.form is not None and memory.form.name == FORM.name


def begin(heard: Heard) -> Filling:
    """A form that starts with what a message tells."""
    return form.begin(FORM, heard.context.now, danger.settled({}, tell({}, heard), heard))


def add(filling: Filling, heard: Heard) -> Filling:
    """The form with more of the story; a question that waits goes on waiting."""
    told = danger.settled(filling.slots, tell(filling.slots, heard), heard)
    more = replace(filling, slots=told)
    goes_on = "story" in filling.slots and danger.is_told(filling) == danger.is_told(more)
    goes_on = goes_on and filling.slots.get("named") == told.get("named")
    return more if goes_on else form.proceed(FORM, more, heard.context.now)


def recategorised(filling: Filling, heard: Heard) -> Filling | None:
    """The form at its category again, when a text says that it is another one: 不是邻居，是物业.

    What the text names or means instead is proposed; nobody in danger is asked.
    """
    code, told = filling.text("category"), filling.slots
    if filling.name != FORM.name or not code or danger.is_told(filling):
        return None
    denied = [f"{vocabulary()['denial']}{name}" for name in category.called(code, heard.context)]
    if not any(
        readers.category_name(p).endswith(tuple(denied)) for p in map(plain, readers.phrases(heard.text))
    ):
        return None
    others = [c.code for c in heard.context.categories if c.code not in (code, OTHER)]
    named = [o for o in others if any(n in heard.text for n in category.called(o, heard.context))]
    meant = (
        named
        if len(named) == 1
        else [o for o in others if o == category.intended(heard.understanding, heard.context)]
    )
    kept = {slot: value for slot, value in tell(told, heard).items() if slot not in ("category", "choosing")}
    guess = {"likely": meant, "confidence": float(bool(meant)), "trusted": False, "choosing": not meant}
    return form.proceed(FORM, replace(filling, slots={**kept, **guess}, before=""), heard.context.now)


def reachable(filling: Filling, number: str, context: Context) -> Filling:
    """The form with a phone number; it is not asked for any more."""
    more = replace(filling, slots={**filling.slots, "phone": number})
    return form.proceed(FORM, more, context.now) if filling.asking == "phone" else more


def draft(filling: Filling, context: Context) -> Draft:
    """The case as the resident confirmed it."""
    told = filling.slots
    position = told.get("location")
    return Draft(
        category=category.find(filling.text("category"), context).code,
        summary=filling.text("story"),
        place=filling.text("place"),
        since=filling.text("since"),
        other_party=filling.text("other_party"),
        reporter_name=filling.text("name"),
        phone=filling.text("phone"),
        details={slot: filling.text(slot) for slot in DETAILS if filling.text(slot)},
        attachments=tuple(told.get("attachments", ())),
        location=Location(*position) if position else None,
        needs_review=category.needs_review(filling),
        crises=tuple(told.get("crises", ())),
    )


# --- the summary and its corrections -----------------------------------------------------------------


def _ask_summary(filling: Filling, context: Context) -> tuple[Say, ...]:
    name = category.find(filling.text("category"), context).name
    says = [Say("complaint.check"), Say("complaint.check_category", {"category": name})]
    told = {slot: filling.text(slot) for slot in _TEXTS if filling.text(slot)}
    if "story" in told:
        told["story"] = shorten(told["story"], SHOWN_STORY)
    says += [_line(slot, value) for slot, value in told.items()]
    if attachments := filling.slots.get("attachments"):
        says.append(Say("complaint.check_attachments", {"count": str(len(attachments))}))
    choices = tuple(Choice(name, f"choice.{name}") for name in ("submit", "edit", "cancel"))
    return (*says, Say("complaint.submit", choices=choices, purpose=PURPOSE))


def _line(slot: str, value: str) -> Say:
    if slot in ("harm", "mediated"):
        value = text(f"choice.{slot}_{value}")
    exact = slot == "amount" and value.replace(".", "").isdecimal()
    return Say(f"complaint.check_{slot}{'_yuan' if exact else ''}", {slot: value})


def _read_summary(filling: Filling, heard: Heard) -> Reading | None:
    if "story" not in filling.slots:
        return Reading()
    if heard.picked == "submit" or (not heard.picked and yes_no.hands_in(heard.text)):
        told = replace(filling, slots={**filling.slots, **besides(filling, heard, SENTENCE)})
        return Reading(effects=(OpenCase(draft(told, heard.context)),), ends=True)
    correct = not heard.picked and bare_number(heard.text) is None
    named = _corrected(filling, heard.text, heard.context.language) if correct else ""
    if named:
        return Reading(next=named.removeprefix("edit-"))
    if (
        heard.picked == "edit"
        or is_among("no", heard.text)
        or (heard.means("back") and not tells_besides(heard))
    ):
        return Reading(next="edit")
    if heard.picked == "cancel":
        return Reading(next=CANCEL)
    return _added(filling, heard)


def _added(filling: Filling, heard: Heard) -> Reading | None:
    """A sentence at 请核对 belongs to the story; None when it is none."""
    words, pictured = heard.text, bool(heard.message.attachments)
    says = received(heard.message) if pictured else ()
    told = is_story(heard) or (readers.letters(words) >= MORE_STORY and is_more_than_words(words))
    lost = (
        readers.asks(words)
        or heard.means("yes")
        or (
            len(words) <= _LONGEST_CORRECTION
            and any(word in plain(words) for word in vocabulary()["helpless"])
        )
    )
    if not told or (lost and not is_story(heard)):
        return Reading(says=says, answers=False) if pictured else None
    return Reading(tell(filling.slots, heard), (*says, Say("complaint.added")), answers=False)


def _corrected(filling: Filling, words: str, language: str) -> str:
    """The correction that words name: the entry alone, or that it is wrong."""
    corrections, said = _corrections(filling), plain(words)
    if named := choice_in(words, corrections, language):
        return named
    wrong = len(words) <= _LONGEST_CORRECTION and any(word in said for word in vocabulary()["wrong"])
    return next((c.id for c in corrections if wrong and plain(label(c, language)) in said), "")


def _corrections(filling: Filling) -> tuple[Choice, ...]:
    asked = {question.slot for question in QUESTIONS if question.when(filling)}
    fields = [*_EDITABLE[:_EDITABLE_ALWAYS], *(slot for slot in DETAILS if slot in asked)]
    return tuple(Choice(f"edit-{slot}", f"choice.edit_{slot}") for slot in fields)


def _ask_edit(filling: Filling, _: Context) -> tuple[Say, ...]:
    choices = (*_corrections(filling), Choice("edit-none", "choice.edit_none"))
    return (Say("complaint.ask_edit", choices=choices, purpose=PURPOSE),)


def _read_edit(filling: Filling, heard: Heard) -> Reading | None:
    if not heard.picked and is_among("submit", heard.text):
        return _read_summary(filling, heard)
    if heard.picked == "edit-none":
        return Reading()
    if not heard.picked and (named := _corrected(filling, heard.text, heard.context.language)):
        return Reading(next=named.removeprefix("edit-"))
    slot = heard.picked.removeprefix("edit-")
    if slot in _EDITABLE:
        return Reading(next=slot)
    added = None if heard.picked else _added(filling, heard)
    return added and replace(added, answers=True)


# --- messages without words --------------------------------------------------------------------------


def _gather(filling: Filling, heard: Heard) -> Slots:
    return gather(filling.slots, heard.message)


def _wordless(filling: Filling, heard: Heard) -> Reading | None:
    message = heard.message
    if message.location and filling.asking in ("place", photo_place.USE):
        told = {**located(message.location), **photo_place.forgotten(filling.slots)}
        # Who corrects the place by another position is asked for its building again.
        return Reading(told, next="door" if filling.before and told["coarse"] else "")
    if message.kind == "sticker":
        return None
    return Reading(says=received(message), answers=False)


def _shared(filling: Filling, contact: Contact) -> Reading:
    """The resident's own number, or somebody else who has to do with the matter."""
    number = readers.phone(contact.phone) or contact.phone
    name = readers.name(contact.name)
    own = {"phone": number[:ANSWER_LIMIT], **({"name": name} if name else {})}
    if filling.asking == "phone":
        return Reading(own)
    if contact.own:
        return Reading(own, (Say("complaint.phone_received"),), answers=False)
    words = " ".join(filter(None, (filling.text("other_party"), contact.name, number)))
    answers = filling.asking == "other_party"
    return Reading({"other_party": words[:ANSWER_LIMIT]}, NOTED, answers=answers)


FORM = Form(
    name="complaint",
    version=2,
    slots={
        **dict.fromkeys(
            ("category", "first", "wanted", "coarse", "door", "happened", *_TEXTS), slots.is_text
        ),
        **dict.fromkeys(("harm", "mediated"), slots.is_answer),
        **dict.fromkeys(("by_hand", "choosing", "trusted", "waits", "named"), slots.is_flag),
        **dict.fromkeys(("likely", "rejected", "left_out", "crises"), slots.is_words),
        "confidence": slots.is_share,
        "attachments": slots.is_ids,
        "location": slots.is_position,
        "matters": said.are_said,
        **photo_place.SLOTS,
    },
    questions=(
        *QUESTIONS,
        Question("edit", _ask_edit, _read_edit, never, typed=False),
        Question(
            "summary",
            _ask_summary,
            _read_summary,
            typed=False,
            knows=yes_no.hands_in,
            intents=frozenset({"back"}),
            required="complaint.one_more_step",
            hint=asked_aside,
        ),
    ),
    gather=_gather,
    wordless=_wordless,
    contact=_shared,
    cancelled="complaint.cancelled",
    told=lambda filling: "story" in filling.slots or "attachments" in filling.slots,
    telling=lambda filling: filling.asking in ("first", "category") and "category" not in filling.slots,
)
