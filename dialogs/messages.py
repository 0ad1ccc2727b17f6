"""What goes into a dialogue and what comes out of it: plain frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from backend.domain.lifecycle import Status
from backend.domain.rules import Category
from dialogs.languages import DEFAULT_LANGUAGE

Params = Mapping[str, str]

Kind = Literal[
    "text",
    "choice",
    "image",
    "voice",
    "video",
    "file",
    "location",
    "contact",
    "sticker",
    "edit",
    "subscribe",
    "open",
]
"""What a resident sent; `edit`: other words in the place of an earlier message's."""


# --- what comes in -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Location:
    """A position that the resident sent: degrees (WGS-84 or GCJ-02 as the channel gives it) and its label."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that the resident shared from their phone; `own`: it is certainly their own number."""

    phone: str
    name: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a prompt offers; `key` names its label in the texts, `literal` is a label from data."""

    id: str
    key: str = ""
    params: Params = field(default_factory=dict)
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question that was sent: which dialogue asked it, about what, with which choices."""

    id: int
    purpose: str
    """`form` for the active form, `survey`, `handover`, `case_or_new`, `pick_case` …"""
    choices: tuple[Choice, ...] = ()
    case_id: int | None = None
    round: int | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a resident, as far as a dialogue needs it."""

    kind: Kind
    at: datetime
    """When it reached us (aware UTC)."""
    text: str = ""
    choice: str = ""
    """The id of the choice that was clicked (kind `choice`)."""
    prompt: Prompt | None = None
    """The prompt whose choice was clicked (kind `choice`); menu clicks have none."""
    attachments: tuple[int, ...] = ()
    """Ids of stored attachments."""
    taken_at: Location | None = None
    """Where a photo among them was taken, as its file says: nothing is done with it unasked."""
    location: Location | None = None
    contact: Contact | None = None
    region: str = ""
    """The name of the region whose code brought the resident here (kinds `subscribe`, `open`)."""
    language: str = ""
    """What the resident's device speaks, as far as the channel knows it and we speak it."""
    before: str = ""
    """The words that are replaced (kind `edit`)."""
    told_in: int | None = None
    """The case that the replaced words went into (kind `edit`), as far as that is known."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text means, from the model or the keywords."""

    intent: str = ""
    confidence: float = 0.0
    ranking: tuple[tuple[str, float], ...] = ()
    """The five category names, likeliest first."""
    entities: tuple[tuple[str, str], ...] = ()
    """(name, value): place, amount (元), people, since, phone, other_party."""
    crises: tuple[str, ...] = ()
    """self_harm, violence, domestic_violence, minors, gathering."""
    source: Literal["rasa", "keywords", "none"] = "none"
    matters: tuple[Matter, ...] = ()
    """The disputes that the text surely holds when it holds more than one."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several disputes in a text: the part that tells of it, and what that part means by itself."""

    text: str
    meaning: Understanding


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """What a dialogue may know of one of the resident's own cases."""

    id: int
    number: str
    category_name: str
    summary: str
    status: Status
    round: int
    unit_name: str = ""
    due_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The world around one turn, read before it."""

    now: datetime
    categories: tuple[Category, ...]
    cases: tuple[CaseBrief, ...] = ()
    """The resident's own cases, newest first: all that are under way and those of the last 90 days."""
    prompt: Prompt | None = None
    """The last prompt that the resident was sent; a bare digit applies to it."""
    last_message_at: datetime | None = None
    """When the resident's previous message reached us."""
    mode: Literal["bot", "waiting", "person"] = "bot"
    privacy_version: str = ""
    """The version of the privacy notice that the resident was shown, and its languages; empty before."""
    language: str = DEFAULT_LANGUAGE
    """The resident's."""
    listens: bool = False
    """Whether somebody writes down what recordings say; the words follow as a message of their own."""


# --- what comes out ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to tell the resident: a key of the texts with its parameters, and what can be answered."""

    key: str
    params: Params = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    purpose: str = ""
    """Set when it is a question: becomes `Prompt.purpose`."""
    case_id: int | None = None
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint as the resident confirmed it."""

    category: str
    """Category code."""
    summary: str
    place: str = ""
    since: str = ""
    other_party: str = ""
    reporter_name: str = ""
    phone: str = ""
    details: Params = field(default_factory=dict)
    """Answers to the category's own questions: amount (元), people …"""
    attachments: tuple[int, ...] = ()
    location: Location | None = None
    needs_review: bool = False
    """True when a person should check the category (keywords only, low confidence, chosen by hand)."""
    crises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case; answers with its number and the acceptance date."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Supplement:
    """Add text and attachments to a case under way (补充)."""

    case_id: int
    text: str = ""
    attachments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Urge:
    """Hurry a case (催办)."""

    case_id: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take a case back (撤回)."""

    case_id: int


@dataclass(frozen=True, slots=True)
class ShowProgress:
    """Tell where a case stands."""

    case_id: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Record the rating (1-5) of one round; 1-2 opens the next."""

    case_id: int
    round: int
    rating: int


@dataclass(frozen=True, slots=True)
class RateReason:
    """Attach why the resident was not satisfied to the round that the rating opened."""

    case_id: int
    text: str


@dataclass(frozen=True, slots=True)
class CallPerson:
    """Put the resident into the queue for an officer (转人工)."""

    reason: Literal["asked", "misunderstood", "crisis"]


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The resident goes on with the bot instead of waiting for an officer."""


@dataclass(frozen=True, slots=True)
class RaiseCrisis:
    """Alert the staff on duty at once."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivacyShown:
    """Remember which version of the privacy notice the resident has been shown, and in which languages."""

    version: str


@dataclass(frozen=True, slots=True)
class UseLanguage:
    """From this reply on speak this language with the resident."""

    language: str


Effect = (
    OpenCase
    | Supplement
    | Urge
    | Withdraw
    | ShowProgress
    | Rate
    | RateReason
    | CallPerson
    | LeaveQueue
    | RaiseCrisis
    | PrivacyShown
    | UseLanguage
)

State = Mapping[str, Any]
"""The dialogue's own state: JSON, owned by `dialogs`, kept by `backend.conversations` without reading it."""

FORM_IDLE = timedelta(minutes=30)
"""A form that nobody has touched for this long no longer holds back pushed prompts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to: the new state, what to do, what to say before and after the effects speak."""

    state: State
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    after: tuple[Say, ...] = ()
    """Said after the effects' own sentences: the question that goes on with the form."""
