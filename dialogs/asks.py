"""What a question is after, for channels whose phones hand it over by a tap: a position, a phone number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Wanted = Literal["", "place", "phone"]

_WANTED: dict[str, Wanted] = {
    "complaint.ask_place": "place",
    "complaint.ask_place_property": "place",
    "complaint.ask_place_labour": "place",
    "complaint.ask_contact": "phone",
    "complaint.ask_contact_danger": "phone",
}


def wanted(keys: Sequence[str]) -> Wanted:
    """What the last sentence of a message asks for; empty when that can only be told in words."""
    return _WANTED.get(keys[-1], "") if keys else ""
