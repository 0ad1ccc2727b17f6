"""A form while somebody fills it in: the part of the dialogue's state that a form owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Slots = Mapping[str, Any]
"""The answers so far: JSON values by slot."""


@dataclass(frozen=True, slots=True)
class Filling:
    """How far one form has got."""

    name: str
    version: int
    asking: str
    """The question that waits for its answer."""
    since: datetime
    """When the form was begun; those begun by one message are microseconds apart."""
    asked: datetime
    """When `asking` became the question; a click on an earlier question is out of date."""
    slots: Slots = field(default_factory=dict)
    before: str = ""
    """The question to return to from an aside (not sure? a person?) or from a correction."""
    misses: int = 0
    """How often in a row an answer was not understood."""
    answered: tuple[str, ...] = ()
    """The questions answered, oldest first: the way back."""
    doubt: str = ""
    """Why it is asked whether what is said belongs to this form at all; empty when it is not asked."""
    said: tuple[Mapping[str, Any], ...] = ()
    """What was said since that is asked."""

    def text(self, slot: str) -> str:
        """A slot that holds text, empty when it is open or was skipped."""
        return str(self.slots.get(slot, ""))

    def dump(self) -> dict[str, Any]:
        """The filling as JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "asking": self.asking,
            "since": self.since.isoformat(),
            "asked": self.asked.isoformat(),
            "slots": dict(self.slots),
            "before": self.before,
            "misses": self.misses,
            "answered": list(self.answered),
            "doubt": self.doubt,
            "said": list(self.said),
        }


def load(stored: object, now: datetime) -> Filling | None:
    """The filling in a stored state, None when there is none; what is malformed in it is left out."""
    if not isinstance(stored, Mapping) or not isinstance(stored.get("name"), str):
        return None
    slots, answered, said = (stored.get(name) for name in ("slots", "answered", "said"))
    return Filling(
        name=stored["name"],
        version=number(stored.get("version")),
        asking=word(stored.get("asking")),
        since=moment(stored.get("since")) or now,
        asked=moment(stored.get("asked")) or now,
        slots={k: v for k, v in slots.items() if isinstance(k, str)} if isinstance(slots, Mapping) else {},
        before=word(stored.get("before")),
        misses=number(stored.get("misses")),
        answered=tuple(a for a in answered if isinstance(a, str)) if isinstance(answered, list) else (),
        doubt=word(stored.get("doubt")),
        said=tuple(m for m in said if isinstance(m, Mapping)) if isinstance(said, list) else (),
    )


def word(value: object) -> str:
    """A stored string, empty for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int:
    """A stored count, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def moment(value: object) -> datetime | None:
    """A stored moment with its zone, None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
