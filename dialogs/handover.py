"""What a resident hears while a person is asked for, comes, and leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs import (
    complaint,
    danger,
    form,
    interrupts,
    languages,
    picks,
    progress,
    same_or_new,
    story,
    survey,
)
from dialogs.definition import Heard
from dialogs.memory import Memory, Reply
from dialogs.messages import CallPerson, Choice, Context, LeaveQueue, Message, Prompt, Say
from dialogs.picks import Pick
from dialogs.readers import bare_number, choice_in, letters, phone
from dialogs.words import is_among

PURPOSE = "handover"
LEAVE, WAIT = "leave", "wait"
ACKNOWLEDGE_AGAIN_AFTER = timedelta(minutes=1)
"""Sooner would be noise between two lines of the same message; later feels like silence."""
LINES = 3
"""How many lines there are where every message is answered; they take turns."""
_ANSWERED = frozenset({"progress", "withdraw", "menu"})
"""Not 催一下, which is meant for who does not come, and nothing that begins a form."""

_BESIDE = (progress.WHICH, progress.CONFIRM, picks.MENU, languages.PURPOSE)
_PURPOSES = (PURPOSE, survey.PURPOSE, *_BESIDE)
_CHOICES = (Choice(LEAVE, "choice.leave"), Choice(WAIT, "choice.wait"))


def queued() -> Say:
    """An officer has been called."""
    return Say("handover.queued")


def off_duty() -> Say:
    """Nobody is on duty: leave a message, or wait all the same."""
    return Say("handover.off_duty", choices=_CHOICES, purpose=PURPOSE)


def alerted() -> Say:
    """Somebody is in danger, and staff are on duty."""
    return Say("crisis.staff_alerted")


def alone() -> Say:
    """Somebody is in danger, and nobody is on duty: the number on the card is what helps now."""
    return Say("crisis.nobody_online", choices=_CHOICES, purpose=PURPOSE)


def nobody_came(advice: str = "", *, online: bool = True) -> Say:
    """Nobody took the chat in time: leave a message, or go on waiting; in danger the number comes first.

    `online`: whether anybody is there who could have.
    """
    key = f"crisis.nobody_came.{advice}" if advice else f"handover.nobody_{'came' if online else 'there'}"
    return Say(key, choices=_CHOICES, purpose=PURPOSE)


def still_here() -> Say:
    """The officer has not answered yet, and has not left."""
    return Say("handover.still_here")


def taken(officer: str) -> Say:
    """An officer, named as residents may know them, has taken the chat."""
    return Say("handover.taken", {"officer": officer})


def back() -> Say:
    """The officer handed the chat back to the bot; `router.resume` says what comes next."""
    return Say("handover.back")


def left() -> Say:
    """The resident no longer waits."""
    return Say("handover.left")


def leaves(heard: Heard) -> bool:
    """Whether somebody who waits no longer wants to."""
    return is_among("leave_queue", heard.text)


def leave(memory: Memory, heard: Heard) -> Reply:
    """On with the bot, where the form was; what was said while waiting begins a complaint.

    After a danger, 取消 may mean more than the queue: whether the complaint goes too is asked.
    """
    effects = (LeaveQueue(),) if heard.context.mode == "waiting" else ()
    filling, cancels = memory.form, interrupts.spoken(heard.text) == "cancel"
    if filling and cancels and not filling.doubt and danger.is_told(filling):
        memory = replace(memory, form=form.cancel(complaint.FORM, filling, heard).filling or filling)
    return Reply(memory.adopt(memory.kept) if memory.kept else memory, effects=effects)


def register(memory: Memory, heard: Heard) -> Reply:
    """Leave a message for the staff: a complaint, begun with what was said while waiting."""
    if not (memory.form or memory.kept):
        memory = memory.begin(form.begin(complaint.FORM, heard.context.now))
    return leave(memory, heard)


def answers(memory: Memory, heard: Heard, command: str) -> bool:
    """Whether a command works in the queue as anywhere; in danger every message is answered by the number."""
    return command in _ANSWERED and not danger.advice(memory.crises, heard.context.now)


def wait(memory: Memory, heard: Heard) -> Reply:
    """Go on waiting; somebody whose turn had passed is called for again."""
    if heard.context.mode == "waiting":
        called = replace(memory, called=heard.context.now)
        return Reply(called, (Say("handover.waiting"),), asks=False)
    return Reply(memory, effects=(CallPerson("asked"),), asks=False)


def keep_for_officer(memory: Memory, heard: Heard) -> Reply:
    """The officer will read it in the conversation; it is kept for a complaint too, and acknowledged."""
    command = interrupts.spoken(heard.text)
    if command == "person":
        # Whether somebody is there now is known to those who are called, not here.
        grave = danger.advice(memory.crises, heard.context.now)
        return Reply(memory, effects=(CallPerson("crisis" if grave else "asked"),), asks=False)
    if number := "" if letters(heard.text) else phone(heard.text):
        says = _said("complaint.phone_received", memory, heard.context)
        return Reply(_reachable(memory, number, heard.context), says, asks=False)
    says = _acknowledge(memory, heard)
    if says:
        memory = replace(memory, acknowledged=heard.context.now, lines=memory.lines + 1)
    if command or not story.tells(heard):
        return Reply(memory, says, asks=False)
    if memory.form and complaint.is_active(memory):
        return Reply(replace(memory, form=same_or_new.add(memory.form, heard)), says, asks=False)
    kept = complaint.add(memory.kept, heard) if memory.kept else complaint.begin(heard)
    return Reply(replace(memory, kept=kept), says, asks=False)


def pick_of(memory: Memory, message: Message, context: Context) -> Pick | None:
    """What somebody who waits picks by number or words.

    A number counts only for a question of this wait: typed at anything older it is meant for the officer.
    """
    prompt = _open_prompt(memory, context)
    if is_among("leave_message", message.text):
        return Pick(PURPOSE, LEAVE, prompt)
    if prompt and prompt.purpose in _BESIDE:
        if (pick := picks.pick_of(memory, message, context)) and pick.choice:
            return pick
        prompt = None
    if prompt is None and bare_number(message.text) is not None:
        return None
    asked = prompt or Prompt(0, PURPOSE, _CHOICES)
    choice = choice_in(message.text, asked.choices, context.language)
    return Pick(asked.purpose, choice, asked) if choice else None


def _open_prompt(memory: Memory, context: Context) -> Prompt | None:
    prompt, called = context.prompt, memory.called
    if prompt is None or prompt.purpose not in _PURPOSES or prompt.sent_at is None:
        return None
    return prompt if called is None or prompt.sent_at >= called else None


def _reachable(memory: Memory, number: str, context: Context) -> Memory:
    """The memory with a phone number where the complaint will look for it, so that nobody types it twice."""
    if memory.form and complaint.is_active(memory):
        return replace(memory, form=complaint.reachable(memory.form, number, context))
    kept = memory.kept or form.begin(complaint.FORM, context.now)
    return replace(memory, kept=complaint.reachable(kept, number, context))


def _acknowledge(memory: Memory, heard: Heard) -> tuple[Say, ...]:
    """A line for somebody who waits, never the same twice in a row.

    It follows every message in danger, and whatever is typed where nobody is there or came; pictures that
    come one by one are acknowledged once.
    """
    last, context, turn = memory.acknowledged, heard.context, memory.lines % LINES + 1
    if advice := danger.advice(memory.crises, context.now):
        return _said(f"handover.{advice}.{turn}", memory, context)
    if not heard.message.attachments and _knows_nobody_came(memory, context):
        return (Say(f"handover.alone.{turn}"),)
    if last and context.now - last <= ACKNOWLEDGE_AGAIN_AFTER:
        return ()
    return _said(f"handover.{'still_looking' if last else 'forwarded'}", memory, context)


def _knows_nobody_came(memory: Memory, context: Context) -> bool:
    """Whether the resident was told so (继续等 changes nothing), or has looked something up meanwhile."""
    told = context.prompt is not None and context.prompt.purpose == PURPOSE
    return told or _open_prompt(memory, context) is not None


def _said(key: str, memory: Memory, context: Context) -> tuple[Say, ...]:
    """A line, below which the choices of this wait stay in sight."""
    prompt, said = _open_prompt(memory, context), Say(key)
    if prompt is None or prompt.purpose != PURPOSE:
        return (said,)
    return (replace(said, choices=prompt.choices, purpose=PURPOSE),)
