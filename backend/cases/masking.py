"""Cases as staff read them until they look: phone and card numbers in what people wrote masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from backend.cases.views import CaseView, EventView, PartyView
from backend.domain.private_numbers import masked


def masked_case(case: CaseView) -> CaseView:
    """The case with `138****5678` in its story, its place, its time and its details."""
    return replace(
        case,
        summary=masked(case.summary),
        place=masked(case.place),
        since=masked(case.since),
        location=_masked(case.location),
        details=_masked(case.details),
    )


def masked_event(event: EventView) -> EventView:
    """The step with masked numbers in what was written with it."""
    return replace(event, notes=tuple(replace(note, text=masked(note.text)) for note in event.notes))


def masked_party(party: PartyView) -> PartyView:
    """The party with masked numbers in the name; the phone stays, to be shown by a look of its own."""
    return replace(party, name=masked(party.name))


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case Mapping():
            return {key: _masked(one) for key, one in value.items()}
        case Sequence():
            return [_masked(one) for one in value]
        case _:
            return value
