"""A complaint that was told and not handed in (没提交): one gentle reminder, with the question that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dialogs import case_or_new, complaint, danger, survey, wording
from dialogs.filling import Filling
from dialogs.form import CANCEL
from dialogs.forms import restore
from dialogs.memory import Memory
from dialogs.messages import FORM_IDLE, Context, Prompt, Say, State
from dialogs.same_or_new import LEFT_AFTER

AFTER = FORM_IDLE - timedelta(minutes=2)
"""How long a resident is silent before. Shorter than what surveys wait for, so that this comes first and its
question is not buried under theirs."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is said, and what it is about."""

    began: datetime
    """When what waits was begun: each complaint is reminded of once."""
    says: tuple[Say, ...]


def reminder(state: State, context: Context) -> Reminder | None:
    """What is said now to a resident who told something and went silent; None when nothing is.

    After a day nothing is said any more: whoever comes back then is asked what they mean.
    """
    prompt = context.prompt
    if context.mode != "bot" or not is_silent(context.last_message_at, context.now):
        return None
    if prompt is None or prompt.purpose == survey.PURPOSE:
        return None
    memory = restore(state, context)
    told, question = _open(memory, prompt, context)
    # In danger staff were called at once; and half an hour later somebody else may hold the phone.
    if told is None or danger.is_told(told) or danger.advice(memory.crises, context.now):
        return None
    return Reminder(told.since, (Say("unsubmitted.kept"), *question))


def is_silent(last_message_at: datetime | None, now: datetime) -> bool:
    """Whether the last message is so long ago that a reminder is due, and not so long that none is."""
    return last_message_at is not None and AFTER <= now - last_message_at < LEFT_AFTER


def _open(memory: Memory, prompt: Prompt, context: Context) -> tuple[Filling | None, tuple[Say, ...]]:
    """The complaint that was told, and the question that waits; a summary stands above it already."""
    told = memory.form or memory.kept
    if told is None or told.name != complaint.FORM.name or not complaint.FORM.told(told):
        return None, ()
    if memory.form is None:
        asked = prompt.purpose == case_or_new.PURPOSE
        return (told, (case_or_new.again(prompt),)) if asked else (None, ())
    if told.asking == CANCEL:
        # Who was about to drop it is not talked out of that.
        return None, ()
    return told, wording.question(memory, context)[-1:]
