"""Table of attachments: photos, voice and documents that residents and staff sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model


class AttachmentRow(Model):
    """One attachment; its bytes lie in the file store under `sha256` once `state` is stored."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("state in ('pending','stored','failed')", name="state"),
        CheckConstraint("copies in ('none','due','made','broken')", name="copies"),
        Index(None, "case_id"),
        Index(None, "conversation_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    state: Mapped[str]
    remote_id: Mapped[str | None]
    """The channel's own id, to download it from there (`state` pending)."""
    failure: Mapped[str | None]
    """Why it is not stored, as a code; while it is read, that this was begun."""
    mime: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    name: Mapped[str | None]
    created_at: Mapped[datetime]
    copies: Mapped[str] = mapped_column(server_default="none")
    """How far what is shown is: none is needed, one is due, made, or the file is broken."""
    view_sha256: Mapped[str | None]
    view_mime: Mapped[str | None]
    """What is shown and played instead of the file itself."""
    thumbnail_sha256: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    milliseconds: Mapped[int | None]
    """How long a recording or a video lasts."""
