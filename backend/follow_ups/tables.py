"""Table of timers: what comes due later is a row, so cancelling is an update."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model


class FollowUpRow(Model):
    """One timer: a survey, its reminder, closing an unanswered case, a resident who waits for an officer."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint("state in ('waiting','due','done','cancelled')", name="state"),
        Index("ix_follow_ups_due", "due_at", postgresql_where=sql("state = 'waiting'")),
        Index(
            "uq_follow_ups_case_round_kind",
            "case_id",
            "round",
            "kind",
            unique=True,
            postgresql_where=sql("case_id is not null and state <> 'cancelled'"),
        ),
        Index(None, "conversation_id", postgresql_where=sql("conversation_id is not null")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="waiting")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int | None]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime]
