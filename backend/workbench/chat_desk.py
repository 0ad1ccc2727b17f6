"""What an officer does with a resident's chat: take it, answer in it, give it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from backend.conversations import handover, outbox
from backend.conversations.alerts import STAFF, finish_alert, open_alerts, open_crises
from backend.conversations.handover import PRESENT_FOR
from backend.conversations.tables import ConversationRow, IncomingRow, OutgoingRow, ResidentRow
from backend.db.work import Work
from backend.domain.errors import NotFound
from backend.follow_ups import service as follow_ups
from backend.organisation.accounts import Member
from backend.organisation.tables import StaffRow

Marker = tuple[int | None, int | None, datetime | None, str | None]

RESUME = "resume_dialogue"
"""The worker's job that asks again what the bot had asked."""


@dataclass(frozen=True, slots=True)
class Room:
    """One resident's chat, whoever has it now."""

    conversation_id: int
    resident_id: int
    channel: str
    mode: str
    waiting_since: datetime | None
    officer_id: int | None
    officer_name: str
    officer_present: bool
    crises: tuple[str, ...]
    """What is open of danger in it."""
    language: str
    """The resident's."""


async def room(work: Work, conversation_id: int) -> Room:
    """The chat with this id; raises NotFound."""
    row = (
        await work.session.execute(
            select(ConversationRow, ResidentRow, StaffRow)
            .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
            .outerjoin(StaffRow, StaffRow.id == ConversationRow.officer_id)
            .where(ConversationRow.id == min(conversation_id, 2**63 - 1))
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(conversation_id=conversation_id)
    talk, resident, officer = row[0], row[1], row[2]
    seen_at = officer.seen_at if officer else None
    return Room(
        conversation_id=talk.id,
        resident_id=resident.id,
        channel=resident.channel,
        mode=talk.mode,
        waiting_since=talk.waiting_since,
        officer_id=talk.officer_id,
        officer_name=officer.name if officer else "",
        officer_present=seen_at is not None and seen_at > work.now - PRESENT_FOR,
        crises=(await open_crises(work, [talk.id])).get(talk.id, ()),
        language=resident.language,
    )


async def marker(work: Work, conversation_id: int) -> Marker:
    """What changes whenever a chat's page would: its newest messages, how many were sent, who has it."""
    incoming = select(func.max(IncomingRow.id)).where(IncomingRow.conversation_id == conversation_id)
    outgoing = select(func.max(OutgoingRow.id)).where(OutgoingRow.conversation_id == conversation_id)
    sent = select(func.max(OutgoingRow.sent_at)).where(OutgoingRow.conversation_id == conversation_id)
    row = (
        await work.session.execute(
            select(
                incoming.scalar_subquery(),
                outgoing.scalar_subquery(),
                sent.scalar_subquery(),
                select(ConversationRow.mode).where(ConversationRow.id == conversation_id).scalar_subquery(),
            )
        )
    ).one()
    return tuple(row)


async def take(work: Work, conversation_id: int, member: Member) -> bool:
    """Take a waiting chat and tell the resident who came; False when somebody else was faster."""
    if not await handover.take(work, conversation_id, member.id):
        return False
    await follow_ups.cancel_for_conversation(work, follow_ups.Kind.HANDOVER_UNCLAIMED, conversation_id)
    for alert in await open_alerts(work):
        if alert.kind == "unanswered" and alert.conversation_id == conversation_id:
            await finish_alert(work, alert.id, member.id)
    await outbox.post(
        work, conversation_id, kind="notice", parts=[("handover.taken", {"officer": member.name})]
    )
    return True


async def take_over(work: Work, conversation_id: int, member: Member, from_staff_id: int) -> bool:
    """Take a chat that a colleague has (who may be away); False when they have it no longer."""
    if not await handover.hand_back(work, conversation_id, from_staff_id):
        return False
    await handover.request(work, conversation_id, "taken_over")
    return await take(work, conversation_id, member)


async def hand_back(work: Work, conversation_id: int, member: Member) -> bool:
    """Give one's chat back to the bot, which asks again where it was; False when it is not theirs."""
    if not await handover.hand_back(work, conversation_id, member.id):
        return False
    await follow_ups.cancel_for_conversation(work, follow_ups.Kind.OFFICER_SILENT, conversation_id)
    await outbox.post(work, conversation_id, kind="notice", parts=[("handover.back", {})])
    await work.defer(RESUME, lock=outbox.topic(conversation_id), conversation_id=conversation_id)
    return True


async def release_all(work: Work, staff_id: int, wait: timedelta) -> None:
    """Put the chats of somebody who leaves back into the queue; `wait` until the residents are told."""
    for chat in await handover.chats(work):
        if chat.officer_id == staff_id and await handover.hand_back(work, chat.conversation_id, staff_id):
            await handover.request(work, chat.conversation_id, "officer_left")
            await follow_ups.schedule_for_conversation(
                work, follow_ups.Kind.HANDOVER_UNCLAIMED, chat.conversation_id, work.now + wait
            )


async def say(work: Work, conversation_id: int, member: Member, text: str, attachment_id: int | None) -> bool:
    """Write to the resident; False when the chat is not this person's (any more)."""
    # A share lock, so that nobody else takes the chat between this look and the commit.
    mine = await work.session.scalar(
        select(ConversationRow.id)
        .where(
            ConversationRow.id == conversation_id,
            ConversationRow.mode == "person",
            ConversationRow.officer_id == member.id,
        )
        .with_for_update(read=True)
    )
    if mine is None:
        return False
    await follow_ups.cancel_for_conversation(work, follow_ups.Kind.OFFICER_SILENT, conversation_id)
    await outbox.post(
        work,
        conversation_id,
        kind="chat",
        literal=text,
        staff_id=member.id,
        attachment_id=attachment_id,
    )
    await follow_ups.cancel_for_conversation(work, follow_ups.Kind.OFFICER_SILENT, conversation_id)
    work.wake(STAFF)
    return True
