"""What the rest of the software sees of a conversation: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Mode = Literal["bot", "waiting", "person"]


@dataclass(frozen=True, slots=True)
class Sender:
    """A resident as a channel names them."""

    channel: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that this unit of work has locked, or only looked at (`peek`)."""

    conversation_id: int
    resident_id: int
    channel: str
    state: Mapping[str, Any]
    mode: Mode
    last_message_at: datetime | None
    privacy_version: str
    language: str
    prompt: OutgoingView | None


@dataclass(frozen=True, slots=True)
class OutgoingView:
    """A message for a resident, as a channel or a page needs it."""

    id: int
    conversation_id: int
    kind: str
    parts: tuple[tuple[str, Mapping[str, str]], ...]
    literal: str | None
    choices: tuple[Mapping[str, Any], ...]
    purpose: str
    case_id: int | None
    round: int | None
    attachment_id: int | None
    language: str
    state: str
    way: str | None
    reason: str | None
    rendered: str | None
    staff_id: int | None
    created_at: datetime
    sent_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class IncomingView:
    """A message that a resident sent, as staff and the resident's own page show it."""

    id: int
    conversation_id: int
    message_id: str
    kind: str
    text: str
    payload: Mapping[str, Any]
    at: datetime
