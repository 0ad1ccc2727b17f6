"""What one message of a resident means and leads to."""

from __future__ import annotations

from datetime import datetime

from dialogs.messages import (
    FORM_IDLE,
    Choice,
    Context,
    Draft,
    Message,
    OpenCase,
    Say,
    State,
    Turn,
    Understanding,
)

_SUBMIT = (Choice("submit", "choice.submit"), Choice("cancel", "choice.cancel"))


def turn(state: State, message: Message, understanding: Understanding, context: Context) -> Turn:
    """Decide what a message leads to: the new state, what to say and what to do."""
    form = state.get("form")
    if context.mode == "person":
        return Turn(state)
    if form is None:
        if not message.text:
            return Turn(state, (Say("welcome"), Say("complaint.ask_story")))
        form = {"name": "complaint", "slots": {"story": message.text}}
        return Turn({"form": form}, (Say("complaint.submit", choices=_SUBMIT, purpose="form"),))
    if message.choice == "submit" or message.text.strip() == "1":
        draft = Draft(category="other", summary=form["slots"]["story"], needs_review=True)
        return Turn({}, effects=(OpenCase(draft),))
    return Turn({}, (Say("complaint.cancelled"),))


def needs_model(state: State, message: Message, context: Context) -> bool:
    """Whether the meaning of the message depends on the model's understanding of its text."""
    return message.kind == "text" and context.mode != "person" and not message.text.strip().isdecimal()


def resume(state: State, context: Context) -> tuple[Say, ...]:
    """The question to ask again when a person hands the chat back."""
    return (Say("complaint.submit", choices=_SUBMIT, purpose="form"),) if state.get("form") else ()


def is_busy(state: State, last_message_at: datetime | None, now: datetime) -> bool:
    """Whether a form is active and was touched lately, so that pushed prompts wait."""
    return bool(state.get("form")) and last_message_at is not None and now - last_message_at < FORM_IDLE


def drop_form(state: State) -> State:
    """The state without the form whose effect failed."""
    return {name: value for name, value in state.items() if name != "form"}
