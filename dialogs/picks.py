"""Which choice of which question a message picks: by a click, a number, or the choice's own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dialogs import case_or_new, definition, form, languages, progress, same_or_new
from dialogs.forms import FORMS
from dialogs.memory import Memory
from dialogs.messages import Choice, Context, Message, Prompt
from dialogs.readers import bare_number, choice_in
from dialogs.words import is_among, label_of


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice and the question that offered it; no choice: the number fits nothing that is offered."""

    purpose: str
    choice: str
    prompt: Prompt | None = None


SUBMIT = "submit"
MENU, OFFER, EXPIRED, NOTHING = "menu", "offer", "expired", "nothing"
RIGHT_AFTER = timedelta(minutes=5)
"""Until then a yes is meant for the question, unless something else was said."""
_AT_ONCE = "at_once"
SKIP = "skip"
"""Clicked beside the choices of a question that may be left: the word, for that question alone."""


def pick_of(memory: Memory, message: Message, context: Context) -> Pick | None:
    """What a message picks, None when it picks nothing and has to be read.

    A click belongs to the question it was shown with, a number or words to the last question sent.
    """
    if message.kind == "choice":
        return _clicked(memory, message, context)
    return _typed(memory, message, context) if message.kind == "text" else None


def _clicked(memory: Memory, message: Message, context: Context) -> Pick:
    prompt = message.prompt
    if prompt is None:
        return Pick(MENU, message.choice)
    offered = message.choice in _ids(prompt.choices)
    if message.choice == SKIP and not offered:
        left = prompt.purpose == definition.PURPOSE and _is_waiting(memory, prompt, context)
        return Pick(MENU, SKIP) if left else Pick(EXPIRED, "")
    current = prompt.purpose != definition.PURPOSE or _is_current(memory, prompt, message.choice, context)
    if not offered:
        return Pick(EXPIRED, "")
    return Pick(prompt.purpose if current else EXPIRED, message.choice, prompt)


def _typed(memory: Memory, message: Message, context: Context) -> Pick | None:
    text = message.text
    prompt = context.prompt or Prompt(0, definition.PURPOSE, _offered(memory, context))
    is_number = bare_number(text) is not None
    if prompt.purpose == definition.PURPOSE and memory.form is None:
        if memory.handed_in and choice_in(text, prompt.choices, context.language) == SUBMIT:
            return Pick(EXPIRED, SUBMIT, prompt)
        return Pick(NOTHING, "") if is_number else None
    if prompt.purpose == progress.CONFIRM and progress.was_interrupted(memory, prompt):
        return Pick(EXPIRED, "") if is_number else None
    if choice := choice_in(text, prompt.choices, context.language):
        expired = prompt.purpose == definition.PURPOSE and choice not in _ids(_offered(memory, context))
        return Pick(EXPIRED, "") if expired else Pick(prompt.purpose, choice, prompt)
    if prompt.purpose == progress.CONFIRM and (answer := _of_withdrawal(prompt, message, context)):
        return Pick(prompt.purpose, _starting(f"withdraw_{answer}", prompt), prompt)
    if prompt.purpose == languages.PURPOSE and memory.tongue == "asked" and (agreed := _agreed(text)):
        return Pick(prompt.purpose, prompt.choices[0 if agreed == "yes" else -1].id, prompt)
    if _waits_to_be_placed(memory, prompt) and (where := case_or_new.said(text)):
        return Pick(prompt.purpose, _where(where, prompt), prompt)
    if is_number and prompt.purpose != definition.PURPOSE:
        return Pick(prompt.purpose, "", prompt)
    return None


def _waits_to_be_placed(memory: Memory, prompt: Prompt) -> bool:
    """Whether something told waits until this question is answered."""
    if prompt.purpose == case_or_new.PURPOSE:
        return memory.kept is not None
    return prompt.purpose == same_or_new.PURPOSE and bool(memory.form and memory.form.doubt)


def _where(said: str, prompt: Prompt) -> str:
    """The one choice that adds to something, or the one that begins something; empty when several may do."""
    new = [c.id for c in prompt.choices if c.id == case_or_new.NEW]
    same = [c.id for c in prompt.choices if c.id not in (case_or_new.NEW, same_or_new.NEITHER)]
    fitting = new if said == case_or_new.NEW else same
    return fitting[0] if len(fitting) == 1 else ""


def _agreed(text: str) -> str:
    return next((answer for answer in ("yes", "no") if is_among(answer, text)), "")


def _of_withdrawal(prompt: Prompt, message: Message, context: Context) -> str:
    """Whether a text withdraws: no in many words; yes in words that say what is confirmed, or at once.

    A bare yes (是的) counts right after the question alone: later it may be meant for something else.
    """
    text = message.text
    if is_among("no", text) or is_among("nothing", text) or label_of("commands", text) == "cancel":
        return "no"
    answer = label_of("withdraw_answer", text)
    return answer if answer != _AT_ONCE else "yes" * _is_right_after(prompt, message, context)


def _is_right_after(prompt: Prompt, message: Message, context: Context) -> bool:
    """Whether a message follows a question that could be read, with nothing said in between."""
    sent_at, before = prompt.sent_at, context.last_message_at
    if sent_at is None or definition.is_quick(message, context) or (before and before > sent_at):
        return False
    return context.now - sent_at <= RIGHT_AFTER


def _starting(name: str, prompt: Prompt) -> str:
    return next((choice.id for choice in prompt.choices if choice.id.startswith(name)), "")


def _is_current(memory: Memory, prompt: Prompt, choice: str, context: Context) -> bool:
    return choice in _ids(_offered(memory, context)) and _was_asked_now(memory, prompt, context)


def _is_waiting(memory: Memory, prompt: Prompt, context: Context) -> bool:
    """Whether a form's question that was sent is the one that it asks now."""
    same = _ids(_offered(memory, context)) == _ids(prompt.choices)
    return same and _was_asked_now(memory, prompt, context)


def _was_asked_now(memory: Memory, prompt: Prompt, context: Context) -> bool:
    if memory.form is None:
        return False
    is_last = context.prompt is not None and context.prompt.id == prompt.id
    return is_last or (prompt.sent_at is not None and prompt.sent_at >= memory.form.asked)


def _offered(memory: Memory, context: Context) -> tuple[Choice, ...]:
    if memory.form is None:
        return ()
    return form.ask(FORMS[memory.form.name], memory.form, context)[-1].choices


def _ids(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(choice.id for choice in choices)
