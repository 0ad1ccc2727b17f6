"""Tables of conversations: residents, messages in both directions, the queue for a person, alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model, message_ids

LANGUAGE = "zh_CN"
"""What a resident is spoken to in who has said nothing else."""


class ResidentRow(Model):
    """A resident (居民) as one channel knows them: never merged by name or phone."""

    __tablename__ = "residents"
    __table_args__ = (UniqueConstraint("channel", "channel_user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    channel_user_id: Mapped[str]
    language: Mapped[str] = mapped_column(server_default=LANGUAGE)
    privacy_version: Mapped[str] = mapped_column(server_default="")
    privacy_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ConversationRow(Model):
    """The one conversation with a resident; locking this row serialises everything the resident says.

    Whoever changes what a turn reads changes this row too: what is decided without the lock is kept only if
    the row is as it was (docs/decisions/0027).
    """

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("mode in ('bot','waiting','person')", name="mode"),
        Index("ix_conversations_handover", "mode", "waiting_since", postgresql_where=sql("mode <> 'bot'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), unique=True)
    state: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    prompt_id: Mapped[int | None]
    """The outgoing message whose choices a bare digit applies to."""
    mode: Mapped[Literal["bot", "waiting", "person"]] = mapped_column(String, server_default="bot")
    waiting_since: Mapped[datetime | None]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    last_message_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class IncomingRow(Model):
    """A message that a resident sent; its channel's id makes it happen once."""

    __tablename__ = "incoming_messages"
    __table_args__ = (UniqueConstraint("conversation_id", "message_id"),)
    id: Mapped[int] = mapped_column(message_ids, server_default=message_ids.next_value(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    """Location, attachment ids, the choice that was clicked."""
    at: Mapped[datetime]


class StashedRow(Model):
    """A message as its channel parsed it, promised before it was worked on."""

    __tablename__ = "stashed_messages"
    __table_args__ = (UniqueConstraint("channel", "user_id", "message_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    user_id: Mapped[str]
    message_id: Mapped[str]
    message: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(server_default=sql("0"))
    """How often the worker began with it."""
    try_at: Mapped[datetime | None]
    """When it is taken up again; None: it was not tried yet."""
    given_up_at: Mapped[datetime | None]
    """Since when it waits for a person."""
    created_at: Mapped[datetime]


class OutgoingRow(Model):
    """A message for a resident: what to say as keys or literal text, and how far its delivery is."""

    __tablename__ = "outgoing_messages"
    __table_args__ = (
        CheckConstraint(
            "state in ('passive','queued','held','sending','sent','unknown','dead','dropped')", name="state"
        ),
        Index(None, "conversation_id", "id"),
        Index(None, "reply_to", postgresql_where=sql("reply_to is not null")),
        Index("ix_outgoing_messages_due", "due_at", postgresql_where=sql("state in ('passive','held')")),
        Index("ix_outgoing_messages_held", "conversation_id", postgresql_where=sql("state = 'held'")),
        Index("ix_outgoing_messages_dead", "id", postgresql_where=sql("state in ('dead','unknown')")),
        Index(
            "ix_outgoing_messages_under_way",
            "created_at",
            postgresql_where=sql("state in ('queued','sending')"),
        ),
        Index(None, "created_at", postgresql_using="brin"),
        UniqueConstraint("dedup_key"),
    )
    id: Mapped[int] = mapped_column(message_ids, server_default=message_ids.next_value(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    reply_to: Mapped[int | None]
    """The incoming message this answers."""
    dedup_key: Mapped[str | None]
    """Set on what a job says (`event:17`), so that a job that runs twice says it once."""
    kind: Mapped[str]
    """reply, notice, survey, reminder, chat (an officer's own words)."""
    parts: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    literal: Mapped[str | None]
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    choices: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    purpose: Mapped[str] = mapped_column(server_default="")
    case_id: Mapped[int | None]
    round: Mapped[int | None]
    language: Mapped[str] = mapped_column(server_default=LANGUAGE)
    state: Mapped[str]
    way: Mapped[str | None]
    reason: Mapped[str | None]
    """Why it took this way or failed: a code, never a text."""
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    due_at: Mapped[datetime | None]
    rendered: Mapped[str | None]
    carried_by: Mapped[str | None] = mapped_column(server_default=sql("current_setting('application_name')"))
    """The process that wrote it; of one that a response carries, the process of that response."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class ListenerRow(Model):
    """A process that answers residents' channels, and when it was last there."""

    __tablename__ = "listeners"
    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class AttemptRow(Model):
    """One try to hand an outgoing message to a channel, committed before the try is made."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        Index(None, "outgoing_id"),
        Index(None, "remote_id", postgresql_where=sql("remote_id is not null")),
        Index(None, "started_at", postgresql_using="brin"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing_messages.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    way: Mapped[str | None]
    passed_over: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    """The ways that could not be taken before this one, each with its reason: `custom:window_closed`."""
    remote_id: Mapped[str | None]
    """What the channel calls what was sent, when it reports later how that went."""


class StandingRow(Model):
    """How many messages a resident was sent first since their last contact, and which ways they closed.

    Counted, not limited: the limits are the channel's. Whatever stands here ends with the next contact.
    """

    __tablename__ = "push_standings"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    wrote_id: Mapped[int | None]
    """The incoming message since which `since_wrote` counts."""
    touched_id: Mapped[int | None]
    """The follow, scan or click since which `since_touched` counts."""
    since_wrote: Mapped[int] = mapped_column(server_default=sql("0"))
    since_touched: Mapped[int] = mapped_column(server_default=sql("0"))
    closed: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    """Way → the code of why it is of no use before the next contact."""
    left_at: Mapped[datetime | None]
    """When the resident turned their back on the channel (取消关注, blocked)."""


class ConsentRow(Model):
    """What a resident allowed a channel to send later: one notice of a kind per consent, or a lasting one."""

    __tablename__ = "notice_consents"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    template_id: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[int] = mapped_column(server_default=sql("0"))
    refused_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class HandoverRow(Model):
    """One request for a person, from the queue to its end."""

    __tablename__ = "handovers"
    __table_args__ = (Index(None, "conversation_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    reason: Mapped[str]
    requested_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None]
    """handed_back, left, resident_left."""


class AlertRow(Model):
    """Something staff must look at: a crisis, or a call (电话任务) where no message could be delivered."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_open", "created_at", postgresql_where=sql("done_at is null")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """crisis, phone, dissatisfied, unanswered, urged, stuck, channel."""
    codes: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'::jsonb"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    """None: it is about the installation, not about a resident."""
    case_id: Mapped[int | None]
    outgoing_id: Mapped[int | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
