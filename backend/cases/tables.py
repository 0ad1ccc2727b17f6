"""Tables of cases: the case, its parties, its events, and what people wrote about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model


class CaseRow(Model):
    """A case (案件/事项). Only `service` writes `status`."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "reporter_id"),
        Index(None, "unit_id", "status"),
        Index(None, "status", "due_at"),
        Index(None, "search", postgresql_using="gin"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    incoming_id: Mapped[int | None] = mapped_column(unique=True)
    """The message that confirmed it: one message opens at most one case."""
    reporter_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    category: Mapped[str]
    summary: Mapped[str]
    place: Mapped[str] = mapped_column(server_default="")
    location: Mapped[dict[str, Any] | None]
    since: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    crises: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    needs_review: Mapped[bool] = mapped_column(server_default=sql("false"))
    status: Mapped[str]
    round: Mapped[int]
    version: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """The responsible unit, once assigned."""
    due_at: Mapped[datetime | None]
    """When the current stage must be done: acceptance, then handling; null once there is a result."""
    urged_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    rules_version: Mapped[int]
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CasePartyRow(Model):
    """A party (当事人): the reporter's own contact, or the other side, which only staff see."""

    __tablename__ = "case_parties"
    __table_args__ = (Index(None, "case_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    role: Mapped[str]
    """reporter, other."""
    name: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")


class CaseEventRow(Model):
    """One step of a case's history (全程留痕): codes and ids only, never personal text."""

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    round: Mapped[int]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    role: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    at: Mapped[datetime]


class CaseTextRow(Model):
    """What a person wrote with an event: a note, a reason, a result, a supplement."""

    __tablename__ = "case_texts"
    __table_args__ = (Index(None, "case_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("case_events.id"))
    audience: Mapped[str]
    """resident or staff."""
    text: Mapped[str]
