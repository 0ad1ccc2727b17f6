"""Where a photo was taken: noted down only when the resident says so, asked once (decision 0020)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from dialogs import memory as memories
from dialogs import slots
from dialogs.definition import PURPOSE, Heard, Question, Read, Reading
from dialogs.filling import Filling, Slots
from dialogs.messages import Choice, Context, Location, Say, State
from dialogs.texts import text
from dialogs.words import is_among

TAKEN_AT, USE = "photo_place", "use_photo_place"
"""The slots: the photo's place while it waits for the answer, and the answer."""
SLOTS: dict[str, Callable[[object], bool]] = {
    TAKEN_AT: lambda value: value == [] or slots.is_position(value),
    USE: slots.is_flag,
}
_CHOICES = (Choice("photo_yes", "choice.photo_place_yes"), Choice("photo_no", "choice.photo_place_no"))


def noted(told: Slots, taken_at: Location | None) -> dict[str, Any]:
    """What to remember of a photo's place: nothing when the place is known or it was asked about already."""
    if taken_at is None or {"place", TAKEN_AT, USE} & told.keys():
        return {}
    return {TAKEN_AT: [taken_at.latitude, taken_at.longitude, ""]}


def photo_taken(state: State, attachment_id: int, taken_at: Location, now: datetime) -> State:
    """The state with the place of a photo that was only now read, if it belongs to what is being told."""
    memory = memories.load(state, now)
    form, kept = (_taken(filling, attachment_id, taken_at) for filling in (memory.form, memory.kept))
    return replace(memory, form=form, kept=kept).dump()


def forgotten(told: Slots) -> dict[str, Any]:
    """The answer no, and nothing left of the place."""
    return {USE: False, TAKEN_AT: []} if TAKEN_AT in told else {}


def question(place: Read) -> Question:
    """The question, as long as the place is open; `place` reads what is said instead of yes or no."""

    def read(filling: Filling, heard: Heard) -> Reading | None:
        position = filling.slots.get(TAKEN_AT)
        if heard.picked == "photo_yes" or is_among("yes", heard.text):
            if not position:
                return Reading(forgotten(filling.slots))
            named = filling.text("place") or text("complaint.place_in_photo")
            return Reading({USE: True, "place": named, "location": position})
        if heard.picked == "photo_no" or is_among("no", heard.text):
            # Who comes back to take a yes back is asked for the place, which is filled already.
            again = "place" if "place" in filling.slots else ""
            return Reading({**forgotten(filling.slots), "location": []}, next=again)
        reading = place(filling, heard)
        if reading is None or "place" not in reading.slots:
            return reading
        # A place within a story answers too.
        return replace(reading, slots={**reading.slots, **forgotten(filling.slots)}, answers=True)

    return Question(
        USE,
        _ask,
        read,
        when=lambda filling: bool(filling.slots.get(TAKEN_AT)) and "place" not in filling.slots,
        optional=True,
        skipped=lambda filling: forgotten(filling.slots),
        typed=False,
    )


def _ask(_: Filling, __: Context) -> tuple[Say, ...]:
    return (Say("complaint.ask_photo_place", choices=_CHOICES, purpose=PURPOSE),)


def _taken(filling: Filling | None, attachment_id: int, taken_at: Location) -> Filling | None:
    if filling is None or attachment_id not in filling.slots.get("attachments", ()):
        return filling
    return replace(filling, slots={**filling.slots, **noted(filling.slots, taken_at)})
