"""Tables of the organisation: units, regions, staff, sessions, rule versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model


class UnitRow(Model):
    """A unit (单位) that acts: the centre itself or a responsible unit (承办单位)."""

    __tablename__ = "units"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_centre: Mapped[bool] = mapped_column(server_default=sql("false"))
    active: Mapped[bool] = mapped_column(server_default=sql("true"))


class RegionRow(Model):
    """A region (辖区) where things happen: 区-街道-社区-网格."""

    __tablename__ = "regions"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("regions.id"))


class StaffRow(Model):
    """Somebody who works cases or answers chats."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role in ('officer','unit','supervisor','admin')", name="role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    active: Mapped[bool] = mapped_column(server_default=sql("true"))
    must_change_password: Mapped[bool] = mapped_column(server_default=sql("false"))
    on_duty: Mapped[bool] = mapped_column(server_default=sql("true"))
    """Whether this person takes chats; presence counts only while the workbench is open (`seen_at`)."""
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSessionRow(Model):
    """A login; only the hash of its token is kept."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index(None, "staff_id"),)
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class RuleVersionRow(Model):
    """One version of the centre's rules; versions are only ever added."""

    __tablename__ = "rule_versions"
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ChannelDocumentRow(Model):
    """One version of what a centre edits about a channel, templates or its menu: only ever added."""

    __tablename__ = "channel_documents"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class SceneCodeRow(Model):
    """A code on a poster (社区码): who scans it is in this region. `address` is what the picture holds."""

    __tablename__ = "scene_codes"
    __table_args__ = (UniqueConstraint("channel", "region_id"),)
    channel: Mapped[str] = mapped_column(primary_key=True)
    scene: Mapped[str] = mapped_column(primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"))
    address: Mapped[str]
    made_at: Mapped[datetime]


class RevealRow(Model):
    """One look of a member of staff at masked phone numbers (PIPL: each is logged)."""

    __tablename__ = "reveals"
    __table_args__ = (Index(None, "case_id"), Index(None, "conversation_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    case_id: Mapped[int | None]
    party_id: Mapped[int | None]
    conversation_id: Mapped[int | None]
    """Ids alone, without foreign keys: the log outlives a party's deletion."""
    at: Mapped[datetime]
