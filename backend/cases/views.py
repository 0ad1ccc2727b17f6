"""Cases as everybody outside this package sees them: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.domain.lifecycle import Action, Role, Status
from backend.domain.scripts import LANGUAGE, needs_translation


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts on a case, and in what capacity."""

    role: Role
    staff_id: int | None = None
    unit_id: int | None = None
    resident_id: int | None = None


SYSTEM = Actor(Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the machine took a complaint for, before anybody settled its category."""

    category: str
    """Category code."""
    confidence: float
    """0 to 1; 0 when the text did not tell of a dispute by itself."""
    source: str
    """rasa, or keywords while Rasa was away."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a resident confirmed."""

    reporter_id: int
    conversation_id: int
    incoming_id: int | None
    category: str
    summary: str
    place: str = ""
    location: Mapping[str, Any] | None = None
    since: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    crises: tuple[str, ...] = ()
    needs_review: bool = False
    reporter_name: str = ""
    reporter_phone: str = ""
    other_party: str = ""
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What came with an action; empty = not given."""

    reason: str = ""
    unit: str = ""
    """Unit code."""
    text: str = ""
    category: str = ""
    """Category code."""
    rating: int | None = None
    attachments: tuple[int, ...] = ()

    def fields(self) -> frozenset[str]:
        """Names of what was given."""
        return frozenset(n for n in ("reason", "unit", "text", "category", "rating") if getattr(self, n))


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it stands."""

    id: int
    number: str
    category: str
    summary: str
    place: str
    since: str
    location: Mapping[str, Any] | None
    details: Mapping[str, Any]
    crises: tuple[str, ...]
    needs_review: bool
    status: Status
    round: int
    version: int
    unit_id: int | None
    unit_code: str
    unit_name: str
    due_at: datetime | None
    urged_at: datetime | None
    rating: int | None
    reporter_id: int
    conversation_id: int
    created_at: datetime
    updated_at: datetime
    language: str = LANGUAGE
    """The reporter's."""

    @property
    def needs_translation(self) -> bool:
        """Whether staff need a translation (需要翻译)."""
        return needs_translation(self.language, self.summary)


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party (当事人) of a case; staff only."""

    role: str
    name: str
    phone: str
    id: int


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote with an event; `audience` is resident or staff."""

    audience: str
    text: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One step of the history."""

    id: int
    case_id: int
    version: int
    round: int
    action: Action | None
    """None = the registration itself."""
    from_status: Status | None
    to_status: Status
    role: Role
    staff_id: int | None
    staff_name: str
    data: Mapping[str, Any]
    at: datetime
    notes: tuple[Note, ...] = ()
