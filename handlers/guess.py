"""What the model had taken a complaint for when the resident confirmed it."""

from __future__ import annotations

from datetime import datetime

from backend.cases.views import Guess
from dialogs import category, complaint, memory, slots
from dialogs.messages import State


def guess_of(state: State, now: datetime) -> Guess | None:
    """The guess in the state of a dialogue in which a complaint waits to be confirmed; None without one."""
    form = memory.load(state, now).form
    if form is None or form.name != complaint.FORM.name:
        return None
    likely = form.slots.get("likely")
    if not slots.is_words(likely) or not likely:
        return None
    confidence = form.slots.get("confidence", 0.0)
    return Guess(
        category=category.likely(form)[0],
        confidence=round(float(confidence), 3) if slots.is_share(confidence) else 0.0,
        source="rasa" if form.slots.get("trusted") is True else "keywords",
    )
