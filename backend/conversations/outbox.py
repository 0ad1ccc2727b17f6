"""Messages for residents as rows: written in the transaction that caused them, handed over afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.conversations.tables import ConversationRow, OutgoingRow, ResidentRow
from backend.conversations.views import OutgoingView
from backend.db.queue import PUSHES, REPLIES
from backend.db.work import Work

PASSIVE_FOR = timedelta(seconds=20)
"""How long a response may claim its reply: past WeChat's third delivery (3 x 5 s)."""

DELIVER = "deliver"
REMINDER = "reminder"
"""The kind of a message that only asks a resident to go on: true when it is sent, or not sent at all."""
BEHIND = -10
"""Priority of what the same resident hears after everything that they wait for."""

Part = tuple[str, Mapping[str, str]]


async def post(
    work: Work,
    conversation_id: int,
    *,
    kind: str,
    parts: Sequence[Part] = (),
    literal: str | None = None,
    choices: Sequence[Mapping[str, Any]] = (),
    purpose: str = "",
    case_id: int | None = None,
    round_: int | None = None,
    reply_to: int | None = None,
    passive: bool = False,
    hold_until: datetime | None = None,
    dedup_key: str | None = None,
    staff_id: int | None = None,
    attachment_id: int | None = None,
    language: str | None = None,
    rendered: str | None = None,
) -> int | None:
    """Append an outgoing message; its id, or None when `dedup_key` was posted before.

    Without a `language` it is the resident's.
    A `passive` one waits for the response that it answers; one held waits for its time; all others are
    handed to the worker, in order per conversation.
    """
    state, due_at = "queued", None
    if passive:
        state, due_at = "passive", work.now + PASSIVE_FOR
    elif hold_until is not None and hold_until > work.now:
        state, due_at = "held", hold_until
    row_id: int | None = await work.session.scalar(
        insert(OutgoingRow)
        .values(
            conversation_id=conversation_id,
            reply_to=reply_to,
            dedup_key=dedup_key,
            kind=kind,
            parts=[[key, dict(params)] for key, params in parts],
            literal=literal,
            attachment_id=attachment_id,
            staff_id=staff_id,
            choices=[dict(choice) for choice in choices],
            purpose=purpose,
            case_id=case_id,
            round=round_,
            language=language or residents_language(conversation_id),
            state=state,
            due_at=due_at,
            rendered=rendered,
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["dedup_key"])
        .returning(OutgoingRow.id)
    )
    if row_id is not None:
        work.wake(topic(conversation_id))
        if state == "queued":
            await enqueue(work, conversation_id, row_id, live=kind in {"reply", "chat"})
    return row_id


async def set_prompt(work: Work, conversation_id: int, outgoing_id: int) -> None:
    """From now on a bare digit applies to this message's choices (the conversation must be locked)."""
    await work.session.execute(
        update(ConversationRow).where(ConversationRow.id == conversation_id).values(prompt_id=outgoing_id)
    )


async def claim_reply(work: Work, incoming_id: int) -> list[OutgoingView]:
    """Take the replies to an incoming message for the response that answers it.

    A repeated request gets what the first got, and is now the one that carries it; what was pushed meanwhile
    belongs to nobody's response.
    """
    await work.session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.reply_to == incoming_id,
            or_(
                OutgoingRow.state == "passive",
                (OutgoingRow.state == "sent") & (OutgoingRow.way == "passive"),
            ),
        )
        .values(
            state="sent",
            way="passive",
            sent_at=work.now,
            due_at=None,
            carried_by=func.current_setting("application_name"),
        )
    )
    rows = await work.session.scalars(
        select(OutgoingRow)
        .where(OutgoingRow.reply_to == incoming_id, OutgoingRow.state == "sent", OutgoingRow.way == "passive")
        .order_by(OutgoingRow.id)
        .execution_options(populate_existing=True)
    )
    return [outgoing_view(row) for row in rows]


async def push_replies(work: Work, incoming_id: int, promised_at: datetime) -> None:
    """Send the replies to an incoming message by push: its channel was answered before there was one.

    A response that claimed one before that answer went to nobody, since the channel asked once more; one
    that claimed it later was read.
    """
    rows = await work.session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.reply_to == incoming_id,
            or_(
                OutgoingRow.state == "passive",
                (OutgoingRow.way == "passive") & (OutgoingRow.sent_at <= promised_at),
            ),
        )
        .values(state="queued", way=None, due_at=None, reason="late")
        .returning(OutgoingRow.id, OutgoingRow.conversation_id)
    )
    for row in rows:
        await enqueue(work, row.conversation_id, row.id)


async def release_due(work: Work, limit: int = 500) -> int:
    """Queue what waited long enough: unclaimed replies and held pushes. Returns how many."""
    due = (
        select(OutgoingRow.id)
        .where(OutgoingRow.state.in_(("passive", "held")), OutgoingRow.due_at <= work.now)
        .order_by(OutgoingRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    released = await work.session.execute(
        update(OutgoingRow)
        .where(OutgoingRow.id.in_(due))
        .values(
            state="queued",
            due_at=None,
            reason=func.coalesce(OutgoingRow.reason, OutgoingRow.state),
        )
        .returning(OutgoingRow.id, OutgoingRow.conversation_id)
        .execution_options(synchronize_session=False)
    )
    rows = sorted(released.all(), key=lambda row: row.id)
    for row in rows:
        await enqueue(work, row.conversation_id, row.id)
    return len(rows)


async def lock_outgoing(work: Work, outgoing_id: int) -> OutgoingView | None:
    """One outgoing message, locked until the work ends."""
    row = await work.session.scalar(
        select(OutgoingRow)
        .where(OutgoingRow.id == outgoing_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return outgoing_view(row) if row is not None else None


async def find_outgoing(work: Work, outgoing_id: int, conversation_id: int) -> OutgoingView | None:
    """One message of this conversation; None for another's, so that a forged id shows nothing."""
    row = await work.session.scalar(
        select(OutgoingRow).where(
            OutgoingRow.id == outgoing_id, OutgoingRow.conversation_id == conversation_id
        )
    )
    return outgoing_view(row) if row is not None else None


async def survey_was_sent(work: Work, case_id: int, round_: int) -> bool:
    """Whether the resident was shown a survey of this round."""
    found = await work.session.scalar(
        select(OutgoingRow.id)
        .where(
            OutgoingRow.case_id == case_id,
            OutgoingRow.round == round_,
            OutgoingRow.kind == "survey",
            OutgoingRow.state == "sent",
        )
        .limit(1)
    )
    return found is not None


async def drop_prompts(work: Work, case_id: int, purpose: str) -> None:
    """Forget prompts about a case that were not handed over yet (the case moved on)."""
    await work.session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.case_id == case_id,
            OutgoingRow.purpose == purpose,
            OutgoingRow.state.in_(("queued", "held", "passive")),
        )
        .values(state="dropped", due_at=None, reason="moved_on")
    )


async def enqueue(work: Work, conversation_id: int, outgoing_id: int, *, live: bool = False) -> None:
    """Hand an outgoing message to the worker, behind what the conversation already waits for.

    Each channel has a queue of its own, so that one whose server hangs holds up no other. Progress, surveys
    and reminders come after whatever somebody waits for now (`live`), however many there are: in another.
    """
    about_a_case = OutgoingRow.kind.in_(("notice", "survey")) & OutgoingRow.case_id.is_not(None)
    row = (
        await work.session.execute(
            select(ResidentRow.channel, about_a_case | (OutgoingRow.kind == REMINDER))
            .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
            .join(OutgoingRow, OutgoingRow.conversation_id == ConversationRow.id)
            .where(OutgoingRow.id == outgoing_id)
        )
    ).one()
    channel, unasked = row
    pushed = unasked and not live
    await work.defer(
        DELIVER,
        queue_name=f"{PUSHES if pushed else REPLIES}{channel}",
        lock=topic(conversation_id),
        priority=BEHIND if pushed else 0,
        outgoing_id=outgoing_id,
    )


def residents_language(conversation_id: int) -> ScalarSelect[str]:
    """The language that a conversation is in."""
    return (
        select(ResidentRow.language)
        .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
        .where(ConversationRow.id == conversation_id)
        .scalar_subquery()
    )


def topic(conversation_id: int) -> str:
    """The wake-up topic and the delivery lock of a conversation."""
    return f"conversation:{conversation_id}"


def outgoing_view(row: OutgoingRow) -> OutgoingView:
    """The frozen value of a row."""
    return OutgoingView(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=row.kind,
        parts=tuple((key, params) for key, params in row.parts),
        literal=row.literal,
        choices=tuple(row.choices),
        purpose=row.purpose,
        case_id=row.case_id,
        round=row.round,
        attachment_id=row.attachment_id,
        language=row.language,
        state=row.state,
        way=row.way,
        reason=row.reason,
        rendered=row.rendered,
        staff_id=row.staff_id,
        created_at=row.created_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
    )
