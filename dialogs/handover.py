"""What a resident hears while a person is asked for, comes, and leaves."""

from __future__ import annotations

from dialogs.messages import Choice, Say

PURPOSE = "handover"
LEAVE, WAIT = "leave", "wait"

_CHOICES = (Choice(LEAVE, "choice.leave"), Choice(WAIT, "choice.wait"))


def queued() -> Say:
    """An officer has been called."""
    return Say("handover.queued")


def off_duty() -> Say:
    """Nobody is on duty: leave a message, or wait all the same."""
    return Say("handover.off_duty", choices=_CHOICES, purpose=PURPOSE)


def nobody_came() -> Say:
    """Nobody took the chat in time: leave a message, or go on waiting."""
    return Say("handover.nobody_came", choices=_CHOICES, purpose=PURPOSE)


def taken(officer: str) -> Say:
    """An officer, named as residents may know them, has taken the chat."""
    return Say("handover.taken", {"officer": officer})


def back() -> Say:
    """The officer handed the chat back to the bot; `router.resume` says what comes next."""
    return Say("handover.back")


def left() -> Say:
    """The resident no longer waits."""
    return Say("handover.left")
