"""What a channel reports later of a message that it took: one that did not arrive looks for another way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from backend.conversations import entry, outbox
from backend.conversations.tables import (
    AttemptRow,
    ConversationRow,
    OutgoingRow,
    ResidentRow,
)
from backend.conversations.views import Sender
from backend.db import shared_values
from backend.db.work import Work

ARRIVED = "arrived"
LOST = "lost_"
"""How the outcome of an attempt begins whose message did not arrive; the reason follows."""
EARLY_FOR = timedelta(hours=1)
"""A report can come before the answer to the call it is about; so long it is kept for that."""


async def report(work: Work, sender: Sender, remote_id: str, lost: str) -> None:
    """The channel says how a message went: `lost` is the reason's code, empty when it arrived.

    A report of somebody else's message, or one that was heard before, changes nothing.
    """
    if await _settled(work, sender, remote_id, lost) or not lost:
        return
    await shared_values.alone(work, _key(sender, remote_id))
    if not await _settled(work, sender, remote_id, lost):
        await shared_values.write(work, _key(sender, remote_id), {"lost": lost}, work.now + EARLY_FOR)


async def check_early(work: Work, sender: Sender, remote_id: str) -> None:
    """The answer to the call has come: act on a report that was faster (the conversation must be locked)."""
    await shared_values.alone(work, _key(sender, remote_id))
    early = await shared_values.read(work, _key(sender, remote_id))
    if early is not None:
        await _settled(work, sender, remote_id, early["lost"])


async def lost_ways(work: Work, outgoing_id: int) -> frozenset[str]:
    """The ways by which this message was taken and did not arrive."""
    rows = await work.session.scalars(
        select(AttemptRow.way).where(
            AttemptRow.outgoing_id == outgoing_id, AttemptRow.outcome.startswith(LOST, autoescape=True)
        )
    )
    return frozenset(way for way in rows if way)


async def _settled(work: Work, sender: Sender, remote_id: str, lost: str) -> bool:
    """Whether the report found its message."""
    attempt = (
        await work.session.execute(
            select(AttemptRow.id, AttemptRow.outgoing_id, OutgoingRow.conversation_id)
            .join(OutgoingRow, OutgoingRow.id == AttemptRow.outgoing_id)
            .join(ConversationRow, ConversationRow.id == OutgoingRow.conversation_id)
            .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
            .where(
                AttemptRow.remote_id == remote_id,
                ResidentRow.channel == sender.channel,
                ResidentRow.channel_user_id == sender.user_id,
            )
            .order_by(AttemptRow.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if attempt is None:
        return False
    await entry.lock_by_id(work, attempt.conversation_id)
    newly = await work.session.scalar(
        update(AttemptRow)
        .where(AttemptRow.id == attempt.id, AttemptRow.outcome == "sent")
        .values(outcome=f"{LOST}{lost}" if lost else ARRIVED)
        .returning(AttemptRow.id)
    )
    if newly is not None and lost:
        await _again(work, attempt.conversation_id, attempt.outgoing_id, lost)
    return True


async def _again(work: Work, conversation_id: int, outgoing_id: int, lost: str) -> None:
    taken_back = await work.session.scalar(
        update(OutgoingRow)
        .where(OutgoingRow.id == outgoing_id, OutgoingRow.state == "sent")
        .values(state="queued", way=None, sent_at=None, reason=lost)
        .returning(OutgoingRow.id)
    )
    if taken_back is None:
        return
    # A digit must not answer a question that the resident was never shown.
    await work.session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id, ConversationRow.prompt_id == outgoing_id)
        .values(prompt_id=None)
    )
    work.wake(outbox.topic(conversation_id))
    await outbox.enqueue(work, conversation_id, outgoing_id)


def _key(sender: Sender, remote_id: str) -> str:
    return f"report:{sender.channel}:{sender.user_id}:{remote_id}"
