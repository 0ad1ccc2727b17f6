"""What the JSON API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.cases.masking import masked_case, masked_event, masked_party
from backend.cases.views import CaseView, EventView, Given, PartyView
from backend.domain.lifecycle import ACTION_NAMES, OPEN, STATUS_NAMES, Action, Role, Status
from backend.domain.rules import Rules
from backend.organisation.reveals import masked_phone


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("text holds a character that cannot be kept")
    return text


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_storable), Field("")
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$"), Field("")]


class Frozen(BaseModel):
    """Parent of all models here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ActionIn(Frozen):
    """One step: `version` is the case's version that the caller saw."""

    version: int = Field(ge=0)
    reason: Words
    text: Words
    unit: Code
    category: Code

    def given(self) -> Given:
        """As the service takes it."""
        return Given(reason=self.reason, unit=self.unit, text=self.text, category=self.category)


class TokenOut(Frozen):
    """A bearer token; it is a session like a browser's."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # the OAuth2 word
    expires_in: int
    """Seconds."""
    must_change_password: bool


class UnitOut(Frozen):
    """A unit (单位)."""

    code: str
    name: str
    is_centre: bool


class NoteOut(Frozen):
    """What somebody wrote with a step; phone numbers in it are masked."""

    audience: str
    text: str


class EventOut(Frozen):
    """One step of a case's history; `action` is `register` for the first."""

    version: int
    round: int
    action: str
    action_name: str
    from_status: Status | None
    to_status: Status
    role: Role
    staff: str
    data: dict[str, Any]
    at: datetime
    notes: list[NoteOut]


class PartyOut(Frozen):
    """A party (当事人); the phone is masked."""

    role: str
    name: str
    phone: str


class CaseOut(Frozen):
    """A case as it stands; phone numbers in what the resident wrote are masked."""

    number: str
    category: str
    category_name: str
    summary: str
    place: str
    since: str
    location: dict[str, Any] | None
    details: dict[str, Any]
    crises: list[str]
    needs_review: bool
    language: str
    """The reporter's: zh_CN, en, mn."""
    needs_translation: bool
    status: Status
    status_name: str
    round: int
    version: int
    unit: str | None
    unit_name: str | None
    due_at: datetime | None
    overdue: bool
    urged_at: datetime | None
    rating: int | None
    created_at: datetime
    updated_at: datetime


class CaseDetailOut(CaseOut):
    """A case with its history, its parties, and what the caller may do to it now."""

    allowed_actions: list[Action]
    proposed_unit: str
    """Code of the unit that the rules propose for its category."""
    parties: list[PartyOut]
    history: list[EventOut]


class CasesOut(Frozen):
    """One page of a list."""

    items: list[CaseOut]
    total: int
    limit: int
    offset: int


class StatisticsOut(Frozen):
    """The figures over all cases that the caller may see; rates are between 0 and 1."""

    total: int
    by_status: dict[str, int]
    by_category: dict[str, int]
    by_unit: dict[str, int]
    overdue: int
    resolved: int
    on_time_rate: float | None
    ratings: dict[int, int]
    satisfaction_rate: float | None
    average_rating: float | None


def event_out(event: EventView) -> EventOut:
    """One step."""
    return EventOut(
        version=event.version,
        round=event.round,
        action=event.action.value if event.action else "register",
        action_name=ACTION_NAMES[event.action] if event.action else STATUS_NAMES[Status.RECEIVED],
        from_status=event.from_status,
        to_status=event.to_status,
        role=event.role,
        staff=event.staff_name,
        data=dict(event.data),
        at=event.at,
        notes=[NoteOut(audience=note.audience, text=note.text) for note in masked_event(event).notes],
    )


def case_out(case: CaseView, rules: Rules, now: datetime) -> CaseOut:
    """A case for a list."""
    return CaseOut(**_fields(case, rules, now))


def detail_out(
    case: CaseView,
    rules: Rules,
    now: datetime,
    *,
    allowed: tuple[Action, ...],
    parties: list[PartyView],
    history: list[EventView],
) -> CaseDetailOut:
    """A case with everything about it."""
    return CaseDetailOut(
        **_fields(case, rules, now),
        allowed_actions=list(allowed),
        proposed_unit=rules.category(case.category).unit,
        parties=[
            PartyOut(role=p.role, name=p.name, phone=masked_phone(p.phone))
            for p in map(masked_party, parties)
        ],
        history=[event_out(event) for event in history],
    )


def _fields(case: CaseView, rules: Rules, now: datetime) -> dict[str, Any]:
    case = masked_case(case)
    return {
        "number": case.number,
        "category": case.category,
        "category_name": rules.category(case.category).name,
        "summary": case.summary,
        "place": case.place,
        "since": case.since,
        "location": dict(case.location) if case.location else None,
        "details": dict(case.details),
        "crises": list(case.crises),
        "needs_review": case.needs_review,
        "language": case.language,
        "needs_translation": case.needs_translation,
        "status": case.status,
        "status_name": STATUS_NAMES[case.status],
        "round": case.round,
        "version": case.version,
        "unit": case.unit_code or None,
        "unit_name": case.unit_name or None,
        "due_at": case.due_at,
        "overdue": case.status in OPEN and case.due_at is not None and case.due_at < now,
        "urged_at": case.urged_at,
        "rating": case.rating,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
    }
