"""A resident who waits for a person: nobody came, or the officer fell silent. They are told honestly."""

from __future__ import annotations

from backend.conversations import alerts, entry, handover
from backend.conversations.views import Opened
from backend.db.work import Work
from backend.follow_ups import service as follow_ups
from backend.follow_ups.service import FollowUp, Kind
from dialogs import danger, memory
from dialogs import handover as handover_says
from dialogs.messages import Say
from handlers import saying
from handlers.parts import Parts

WAIT_ON = 10
"""A resident who goes on waiting hears once more, after this many times the first wait, and not at night."""


async def expect_officer(parts: Parts, work: Work, conversation_id: int) -> None:
    """The resident wrote to an officer: an answer is due within the same time as the first one."""
    await follow_ups.schedule_for_conversation(
        work, Kind.OFFICER_SILENT, conversation_id, work.now + parts.live_chat_wait, keep_earlier=True
    )


async def nobody_came(parts: Parts, work: Work, due: FollowUp) -> bool:
    """Nobody took the chat in time; False when somebody did while this was under way."""
    conversation = await entry.lock_by_id(work, due.conversation_id or 0)
    if not await follow_ups.finish(work, due.id):
        return False
    if conversation.mode == "waiting":
        await _tell(work, conversation, due, _nobody(work, conversation))
        if due.kind is Kind.HANDOVER_UNCLAIMED:
            await _once_more(parts, work, conversation)
    return True


async def officer_silent(parts: Parts, work: Work, due: FollowUp) -> bool:
    """The officer has not answered: still there, the resident hears so; gone, the chat is queued again."""
    conversation = await entry.lock_by_id(work, due.conversation_id or 0)
    if not await follow_ups.finish(work, due.id):
        return False
    if conversation.mode != "person":
        return True
    if await handover.officer_present(work, conversation.conversation_id):
        await _tell(work, conversation, due, handover_says.still_here())
        return True
    await handover.requeue(work, conversation.conversation_id, "officer_silent")
    await _tell(work, conversation, due, _nobody(work, conversation))
    await _once_more(parts, work, conversation)
    return True


def _nobody(work: Work, conversation: Opened) -> Say:
    """Who told of danger gets the number again with it."""
    crises = memory.load(conversation.state, work.now).crises
    return handover_says.nobody_came(danger.advice(crises, work.now))


async def _once_more(parts: Parts, work: Work, conversation: Opened) -> None:
    later = work.now + WAIT_ON * parts.live_chat_wait
    if parts.quiet_hours is not None:
        later = parts.quiet_hours.release(later)
    await follow_ups.schedule_for_conversation(
        work, Kind.HANDOVER_STILL_UNCLAIMED, conversation.conversation_id, later
    )


async def _tell(work: Work, conversation: Opened, due: FollowUp, says: Say) -> None:
    await saying.push(
        work,
        conversation.conversation_id,
        (says,),
        kind="notice",
        language=conversation.language,
        dedup_key=f"{due.kind.value}:{due.id}",
    )
    await alerts.raise_alert(work, "unanswered", conversation.conversation_id)
