"""A person instead of the bot (转人工): the queue, who has a conversation, and giving it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from backend.conversations.alerts import STAFF, TOLD_WITHIN, crisis_words, open_crises, tells
from backend.conversations.outbox import topic
from backend.conversations.tables import ConversationRow, HandoverRow, IncomingRow, OutgoingRow, ResidentRow
from backend.db.work import Work
from backend.domain.scripts import LANGUAGE, needs_translation
from backend.organisation.tables import StaffRow

ASKS = "handover"
"""The purpose of a message that asks whether to wait on."""
PRESENT_FOR = timedelta(seconds=60)
"""A member of staff is on duty while their workbench showed a sign of life within this time."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation that waits for an officer or that one has."""

    conversation_id: int
    channel: str
    mode: str
    waiting_since: datetime | None
    officer_id: int | None
    officer_name: str
    reason: str
    last_text: str
    in_danger: bool
    """A crisis that nobody has seen to, or the reason why a person was called."""
    crises: tuple[str, ...]
    """Its kinds, as far as they are known."""
    language: str = LANGUAGE
    """The resident's."""
    told: str = ""
    """What was told, of a danger first: what came later may only ask whether anybody is there."""

    @property
    def needs_translation(self) -> bool:
        """Whether an officer needs a translation (需要翻译)."""
        return any(needs_translation(self.language, words) for words in (self.told, self.last_text))


async def request(work: Work, conversation_id: int, reason: str) -> bool:
    """Put the resident into the queue at once; False when they are in it, or with an officer, already."""
    row = (
        await work.session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id, ConversationRow.mode == "bot")
            .values(mode="waiting", waiting_since=work.now, officer_id=None)
            .returning(ConversationRow.id)
        )
    ).one_or_none()
    if row is None:
        # Who asks again is told how it stands now.
        await _drop_what_was_asked(work, conversation_id)
        return False
    work.session.add(HandoverRow(conversation_id=conversation_id, reason=reason, requested_at=work.now))
    _wake(work, conversation_id)
    return True


async def take(work: Work, conversation_id: int, staff_id: int) -> bool:
    """An officer takes a waiting chat; False when somebody else was faster or the resident left."""
    return await _move(
        work, conversation_id, ("waiting",), {"mode": "person", "officer_id": staff_id}, taken_by=staff_id
    )


async def hand_back(work: Work, conversation_id: int, staff_id: int) -> bool:
    """The officer gives the chat back to the bot; False when it is not theirs any more."""
    return await _move(work, conversation_id, ("person",), _BOT, ending="handed_back", officer_id=staff_id)


async def leave_queue(work: Work, conversation_id: int) -> bool:
    """The resident goes on with the bot; False when they were not waiting."""
    return await _move(work, conversation_id, ("waiting",), _BOT, ending="resident_left")


async def requeue(work: Work, conversation_id: int, reason: str) -> bool:
    """Put a chat whose officer is gone back into the queue; False when no officer has it."""
    if not await _move(work, conversation_id, ("person",), _BOT, ending="officer_gone"):
        return False
    return await request(work, conversation_id, reason)


async def waiting_since(work: Work, conversation_id: int) -> datetime | None:
    """Since when the resident waits; None when nobody waits."""
    found: datetime | None = await work.session.scalar(
        select(ConversationRow.waiting_since).where(
            ConversationRow.id == conversation_id, ConversationRow.mode == "waiting"
        )
    )
    return found


async def officer_present(work: Work, conversation_id: int) -> bool:
    """Whether the officer who has this chat showed a sign of life lately."""
    found = await work.session.scalar(
        select(StaffRow.id)
        .join(ConversationRow, ConversationRow.officer_id == StaffRow.id)
        .where(ConversationRow.id == conversation_id, StaffRow.seen_at > work.now - PRESENT_FOR)
    )
    return found is not None


async def anyone_on_duty(work: Work) -> bool:
    """Whether somebody who may take chats has the workbench open."""
    found = await work.session.scalar(
        select(StaffRow.id)
        .where(
            StaffRow.active,
            StaffRow.on_duty,
            StaffRow.role.in_(("officer", "supervisor", "admin")),
            StaffRow.seen_at > work.now - PRESENT_FOR,
        )
        .limit(1)
    )
    return found is not None


async def chats(work: Work) -> list[Chat]:
    """Everybody who waits or is being talked to, those in danger first, then the longest waiting."""
    last = (
        select(IncomingRow.text)
        .where(IncomingRow.conversation_id == ConversationRow.id)
        .order_by(IncomingRow.id.desc())
        .limit(1)
        .correlate(ConversationRow)
    )
    lately = IncomingRow.at > ConversationRow.waiting_since - TOLD_WITHIN
    told = last.where(tells(), lately, ConversationRow.mode == "waiting")
    words = (query.scalar_subquery() for query in (last, told))
    reason = (
        select(HandoverRow.reason)
        .where(HandoverRow.conversation_id == ConversationRow.id, HandoverRow.ended_at.is_(None))
        .order_by(HandoverRow.id.desc())
        .limit(1)
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(ConversationRow, ResidentRow.channel, StaffRow.name, reason, ResidentRow.language, *words)
        .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .outerjoin(StaffRow, StaffRow.id == ConversationRow.officer_id)
        .where(ConversationRow.mode != "bot")
        .order_by(ConversationRow.mode.desc(), ConversationRow.waiting_since)
        .execution_options(populate_existing=True)
    )
    found = rows.all()
    crises = await open_crises(work, (row[0].id for row in found))
    endangered = [row[0].id for row in found if row[0].id in crises or row[3] == "crisis"]
    dangers = await crisis_words(work, endangered) if endangered else {}
    talks = [
        Chat(
            conversation_id=row[0].id,
            channel=row[1],
            mode=row[0].mode,
            waiting_since=row[0].waiting_since,
            officer_id=row[0].officer_id,
            officer_name=row[2] or "",
            reason=row[3] or "",
            last_text=row[5] or "",
            in_danger=row[0].id in endangered,
            crises=crises.get(row[0].id, ()),
            language=row[4],
            told=dangers.get(row[0].id) or row[6] or "",
        )
        for row in found
    ]
    return sorted(talks, key=lambda chat: not chat.in_danger)


_BOT: Mapping[str, str | int | None] = {"mode": "bot", "officer_id": None, "waiting_since": None}


async def _move(
    work: Work,
    conversation_id: int,
    from_modes: tuple[str, ...],
    values: Mapping[str, str | int | None],
    *,
    ending: str | None = None,
    taken_by: int | None = None,
    officer_id: int | None = None,
) -> bool:
    where = [ConversationRow.id == conversation_id, ConversationRow.mode.in_(from_modes)]
    if officer_id is not None:
        where.append(ConversationRow.officer_id == officer_id)
    moved = await work.session.execute(
        update(ConversationRow).where(*where).values(values).returning(ConversationRow.id)
    )
    if moved.one_or_none() is None:
        return False
    open_request = update(HandoverRow).where(
        HandoverRow.conversation_id == conversation_id, HandoverRow.ended_at.is_(None)
    )
    if taken_by is not None:
        await work.session.execute(open_request.values(taken_at=work.now, taken_by=taken_by))
    else:
        await work.session.execute(open_request.values(ended_at=work.now, ending=ending))
    await _drop_what_was_asked(work, conversation_id)
    _wake(work, conversation_id)
    return True


async def _drop_what_was_asked(work: Work, conversation_id: int) -> None:
    """Forget what was to be said of a wait that is over or told anew: nobody waits for who is there."""
    await work.session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.conversation_id == conversation_id,
            OutgoingRow.purpose == ASKS,
            OutgoingRow.kind == "notice",
            OutgoingRow.state.in_(("queued", "held")),
        )
        .values(state="dropped", due_at=None, reason="moved_on")
    )


def _wake(work: Work, conversation_id: int) -> None:
    work.wake(STAFF)
    work.wake(topic(conversation_id))
