"""What a resident hears while a person is asked for, comes, and leaves."""

from __future__ import annotations

from dataclasses import replace

from dialogs import complaint, form, interrupts, same_or_new
from dialogs.definition import Heard
from dialogs.memory import Memory, Reply
from dialogs.messages import CallPerson, Choice, LeaveQueue, Say
from dialogs.words import is_among

PURPOSE = "handover"
LEAVE, WAIT = "leave", "wait"

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


def nobody_came() -> Say:
    """Nobody took the chat in time: leave a message, or go on waiting."""
    return Say("handover.nobody_came", choices=_CHOICES, purpose=PURPOSE)


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
    """On with the bot, where the form was; what was said while waiting begins a complaint."""
    effects = (LeaveQueue(),) if heard.context.mode == "waiting" else ()
    return Reply(memory.begin(memory.kept) if memory.kept else memory, effects=effects)


def register(memory: Memory, heard: Heard) -> Reply:
    """Leave a message for the staff: a complaint, begun with what was said while waiting."""
    if not (memory.form or memory.kept):
        memory = memory.begin(form.begin(complaint.FORM, heard.context.now))
    return leave(memory, heard)


def wait(memory: Memory, heard: Heard) -> Reply:
    """Go on waiting; somebody whose turn had passed is called for again."""
    if heard.context.mode == "waiting":
        return Reply(memory, (Say("handover.waiting"),), asks=False)
    return Reply(memory, effects=(CallPerson("asked"),), asks=False)


def keep_for_officer(memory: Memory, heard: Heard) -> Reply:
    """The officer will read it in the conversation; it is kept for a complaint too, and acknowledged once."""
    command = interrupts.spoken(heard.text)
    if command == "person":
        return wait(memory, heard)
    says = () if memory.forwarded else (Say("handover.forwarded"),)
    memory = replace(memory, forwarded=True)
    if command:
        return Reply(memory, says, asks=False)
    if memory.form and complaint.is_active(memory):
        return Reply(replace(memory, form=same_or_new.add(memory.form, heard)), says, asks=False)
    kept = complaint.add(memory.kept, heard) if memory.kept else complaint.begin(heard)
    return Reply(replace(memory, kept=kept), says, asks=False)
