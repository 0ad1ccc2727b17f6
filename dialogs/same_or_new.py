"""Something told while a complaint is open: more of it, or a new matter that must not disappear in it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs import category, complaint, form, matters, said
from dialogs.complaint_questions import LONG_STORY
from dialogs.definition import SURE, Heard, Question
from dialogs.filling import Filling
from dialogs.memory import Memory, Reply
from dialogs.messages import Choice, Context, Say, Understanding
from dialogs.readers import bare_number, letters, names_a, passed_on, passes_on, says_since
from dialogs.story import NOTED, tells
from dialogs.words import is_among

PURPOSE = "same_or_new"
SAME, NEW, NEITHER = "same", "new", "neither"
LEFT, OTHER = "left", "other"
LEFT_AFTER = timedelta(days=1)
"""Within a day people come back to the question that they saw last; later they have forgotten it, and what
they write is as likely something new."""
SHORTEST_MATTER = 8
"""Characters: nobody tells of a dispute in fewer, while most places and times are shorter."""
SHORTEST_OFFERED = 4
"""Characters, where it is only asked whether to go on: there nothing short is a place or a time."""
_ANSWERS = ("yes", "no", "has", "unknown", "nothing")
_NEVER_ASIDE = ("story", "first")
"""Whatever is typed at these is story, and weighed as such."""


def on_return(filling: Filling, context: Context) -> Filling:
    """The form as it is found: in doubt when something was told in it, and nobody came back for a day."""
    if filling.name != complaint.FORM.name or not complaint.FORM.told(filling):
        return replace(filling, doubt="", said=())
    left = context.now - (context.last_message_at or filling.since) >= LEFT_AFTER
    doubt = filling.doubt if filling.doubt in (LEFT, OTHER) else LEFT if left else ""
    kept = tuple(message for message in filling.said if said.is_said(message)) if doubt else ()
    return replace(filling, doubt=doubt, said=kept)


def ask(filling: Filling, context: Context) -> tuple[Say, ...]:
    """What is open, and whether it is meant."""
    same = _what_is_open(filling, context) if filling.doubt == LEFT else Choice(SAME, "choice.add_here")
    choices = (same, Choice(NEW, "choice.new_matter"), Choice(NEITHER, "choice.neither"))
    return (Say(f"same_or_new.{filling.doubt}", choices=choices, purpose=PURPOSE),)


def was_asked(context: Context) -> bool:
    """Whether this question is the last one that was sent."""
    return context.prompt is not None and context.prompt.purpose == PURPOSE


def is_answer(question: Question, heard: Heard) -> bool:
    """Whether a text can only be an answer: a number, yes, no, nothing, or what the question knows."""
    number = bare_number(heard.text) is not None
    return number or question.knows(heard.text) or any(is_among(group, heard.text) for group in _ANSWERS)


def is_other_matter(filling: Filling, heard: Heard) -> bool:
    """Whether a text surely tells of another category than the form's, and answers nothing that is asked."""
    question = form.question_of(complaint.FORM, filling)
    if question.slot in _NEVER_ASIDE or question.verbatim:
        return False
    passes = passes_on(heard.text)
    corrects = filling.before and filling.asking not in form.ASIDES
    if not passes and (corrects or question.slot == "category"):
        return False
    answers = not passes and (question.knows(heard.text) or _fits(question.slot, heard))
    shortest = SHORTEST_OFFERED if question.offers else SHORTEST_MATTER
    return _is_elsewhere(filling, heard) and len(heard.text) >= shortest and not answers


def is_beside(filling: Filling, heard: Heard) -> bool:
    """Whether what is said about a case passes on to another matter that surely is of another category."""
    case_id = filling.slots.get("case_id")
    names = [case.category_name for case in heard.context.cases if case.id == case_id]
    told = category.intended(heard.understanding, heard.context)
    sure = heard.understanding.confidence >= category.CATEGORY_SURE and len(heard.text) >= SHORTEST_MATTER
    return bool(names and told and sure) and heard.understanding.intent not in names and passes_on(heard.text)


def apart(filling: Filling, heard: Heard) -> tuple[Heard, Heard] | None:
    """An answer and another matter in one message, each by itself: 恒大名都8号楼 另外老板欠我工资."""
    divided = passed_on(heard.text)
    if divided is None or len(divided[1]) < SHORTEST_MATTER or not _is_elsewhere(filling, heard):
        return None
    answer, matter = divided
    found = heard.understanding.entities
    return (
        _part(heard, answer, Understanding(entities=tuple(e for e in found if e[1] in answer))),
        _part(
            heard,
            matter,
            replace(heard.understanding, entities=tuple(e for e in found if e[1] not in answer), matters=()),
        ),
    )


def _part(heard: Heard, text: str, meaning: Understanding) -> Heard:
    return replace(heard, message=replace(heard.message, text=text), understanding=meaning)


def _is_elsewhere(filling: Filling, heard: Heard) -> bool:
    """Whether a text surely is of another category than the complaint."""
    told = category.intended(heard.understanding, heard.context)
    other = told and category.of(filling) not in ("", told)
    return bool(other) and filling.name == complaint.FORM.name and heard.understanding.confidence >= SURE


def add(filling: Filling, heard: Heard) -> Filling:
    """More of the story, or kept beside it while it is open whether it belongs there."""
    return keep(filling, heard) if filling.doubt else complaint.add(filling, heard)


def wonder(filling: Filling, heard: Heard) -> Filling:
    """The form in doubt whether a text that tells of another matter belongs to it."""
    return keep(replace(form.beneath(filling), doubt=OTHER), heard)


def keep(filling: Filling, heard: Heard) -> Filling:
    """The form with one more message beside it; one that tells nothing is not kept."""
    if not tells(heard) or not (letters(heard.text) or heard.message.attachments or heard.message.location):
        return filling
    return replace(filling, said=(*filling.said, said.keep(heard)))


def settle(filling: Filling, context: Context) -> Filling:
    """The form without doubt: what was kept joins its story."""
    if not filling.doubt:
        return filling
    told = replace(filling, doubt="", said=(), misses=0)
    for message in filling.said:
        told = complaint.add(told, said.hear_again(message, context))
    return told


def new_matter(memory: Memory, filling: Filling, context: Context) -> Reply:
    """A new complaint with what was kept; the earlier one waits until it is done."""
    fresh = form.begin(complaint.FORM, context.now)
    for message in filling.said:
        fresh = complaint.add(fresh, said.hear_again(message, context))
    memory, says = matters.put_off(memory, filling)
    told = matters.welcome(fresh) if "story" in fresh.slots else ()
    return Reply(replace(memory, form=fresh), says + told)


def neither(memory: Memory, _: Filling, context: Context) -> Reply:
    """Nothing of it is to be registered."""
    return matters.next_turn(memory, Reply(memory.end(), (Say(complaint.FORM.cancelled),)), context.now)


def only_answer(filling: Filling, context: Context) -> Heard | None:
    """The one message that was kept, when it can be heard as the answer to the question that waits."""
    if filling.doubt != LEFT or len(filling.said) != 1:
        return None
    heard = said.hear_again(filling.said[0], context)
    return None if heard.understanding.crises or is_other_matter(filling, heard) else heard


def go_on(memory: Memory, filling: Filling, context: Context) -> Reply:
    """On with the complaint, what was kept in its story."""
    says = NOTED if filling.said else (Say("form.continued"),)
    agreed = form.proceed(complaint.FORM, matters.agreed(settle(filling, context)), context.now)
    return Reply(replace(memory, form=agreed), says)


def _what_is_open(filling: Filling, context: Context) -> Choice:
    named = matters.in_short(filling, context)
    return Choice(SAME, f"choice.go_on_{'category' if 'category' in named else 'story'}", named)


def _fits(slot: str, heard: Heard) -> bool:
    """Whether a text is mostly what a question asks for, or a short one that names such a thing."""
    found = (value for name, value in heard.understanding.entities if name == slot)
    named = names_a(slot, heard.text) or (slot == "since" and says_since(heard.text))
    return any(2 * len(value) >= len(heard.text) for value in found) or (
        named and len(heard.text) < LONG_STORY
    )
