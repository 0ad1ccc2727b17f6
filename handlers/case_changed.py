"""Staff acted, or a timer did: decide what the resident hears of it."""

from __future__ import annotations

from backend.cases import queries
from backend.cases.views import SYSTEM, EventView
from backend.db.work import Work
from backend.domain.lifecycle import Action, Role
from dialogs.notices import notice
from handlers import saying
from handlers.briefs import brief
from handlers.parts import Parts


async def case_changed(parts: Parts, event_id: int) -> None:
    """Write the notice of one event, once however often the job runs.

    What the resident did themself was answered in the conversation.
    """
    async with parts.database.work() as work:
        event = await queries.event(work, event_id)
        if event.action is None or event.role is Role.RESIDENT or await _told_with_next(work, event):
            return
        rules = await parts.rules.current(work)
        case = await queries.find_by_id(work, event.case_id, SYSTEM)
        words = [note.text for note in event.notes if note.audience == "resident"]
        facts = {"text": words[-1], "reason": words[0]} if words else {}
        says = notice(event.action, brief(case, rules), facts)
        if says is None:
            return
        quiet = parts.quiet_hours if event.role is Role.SYSTEM else None
        await saying.push(
            work,
            case.conversation_id,
            (says,),
            kind="notice",
            case_id=case.id,
            round_=event.round,
            dedup_key=f"event:{event.id}",
            hold_until=quiet.release(work.now) if quiet else None,
        )
        await work.commit()


async def _told_with_next(work: Work, event: EventView) -> bool:
    """Acceptance and assignment in one click are one message."""
    if event.action is not Action.ACCEPT:
        return False
    history = await queries.history(work, event.case_id, internal=False)
    return any(
        later.version == event.version + 1 and later.action is Action.ASSIGN and later.at == event.at
        for later in history
    )
