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
        first = due.kind is Kind.HANDOVER_UNCLAIMED
        if not (first and await _is_known(work, conversation)):
            await _tell(work, conversation, due, await _nobody(work, conversation))
        await alerts.raise_alert(work, "unanswered", conversation.conversation_id)
        if first:
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
        says = handover_says.still_here()
    else:
        await handover.requeue(work, conversation.conversation_id, "officer_silent")
        says = await _nobody(work, conversation)
        await _once_more(parts, work, conversation)
    await _tell(work, conversation, due, says)
    await alerts.raise_alert(work, "unanswered", conversation.conversation_id)
    return True


async def _nobody(work: Work, conversation: Opened) -> Say:
    """Who told of danger gets the number again with it."""
    return handover_says.nobody_came(_advice(work, conversation), online=await handover.anyone_on_duty(work))


async def _is_known(work: Work, conversation: Opened) -> bool:
    """Whether nobody is online, as the resident was told in this wait: minutes later it is no news."""
    prompt, since = conversation.prompt, await handover.waiting_since(work, conversation.conversation_id)
    if prompt is None or since is None or prompt.purpose != handover.ASKS or prompt.created_at < since:
        return False
    return not (_advice(work, conversation) or await handover.anyone_on_duty(work))


def _advice(work: Work, conversation: Opened) -> str:
    return danger.advice(memory.load(conversation.state, work.now).crises, work.now)


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
