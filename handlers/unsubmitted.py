"""A resident told something and went silent before it was handed in: they are reminded once."""

from __future__ import annotations

import logging
from datetime import datetime

from backend.conversations import entry
from backend.conversations.outbox import REMINDER
from backend.conversations.silence import silent
from backend.conversations.views import Opened, OutgoingView
from backend.db.database import DatabaseUnavailable
from dialogs import survey
from dialogs.same_or_new import LEFT_AFTER
from dialogs.unsubmitted import AFTER, is_silent, reminder
from handlers import saying
from handlers.hearing import around
from handlers.parts import Parts

logger = logging.getLogger(__name__)


async def remind(parts: Parts, since: datetime | None = None) -> datetime | None:
    """Remind those whose silence has lasted long enough; up to which last message this has looked.

    The next look goes on from there (`since`); the first one takes in the last day. In quiet hours nobody is
    looked for: the first look after them finds who fell silent in the evening. Raises DatabaseUnavailable.
    """
    async with parts.database.work() as work:
        if parts.quiet_hours is not None and parts.quiet_hours.release(work.now) > work.now:
            return since
        until = work.now - AFTER
        found = await silent(work, since or work.now - LEFT_AFTER, until)
    for conversation_id in found:
        try:
            await _remind(parts, conversation_id)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            facts = {"conversation_id": conversation_id, "error": type(error).__name__}
            logger.exception("not reminded", exc_info=False, extra=facts)
    return until


async def _remind(parts: Parts, conversation_id: int) -> None:
    async with parts.database.work() as work:
        conversation = await entry.lock_by_id(work, conversation_id)
        rules = await parts.rules.current(work)
        context = around(parts, rules, conversation, work.now)
        due = reminder(conversation.state, context)
        if due is None:
            return
        await saying.push(
            work,
            conversation_id,
            due.says,
            kind=REMINDER,
            language=conversation.language,
            dedup_key=f"unsubmitted:{conversation_id}:{due.began.isoformat()}",
        )
        await work.commit()


def is_past(view: OutgoingView, conversation: Opened, now: datetime) -> bool:
    """Whether a reminder is no longer true: the resident wrote, an officer came, something else was asked.

    One that is a day late is not wanted any more either.
    """
    heard, prompt = conversation.last_message_at, conversation.prompt
    if conversation.mode != "bot" or heard is None or not is_silent(heard, now):
        return True
    asked = prompt is None or prompt.id > view.id or prompt.purpose == survey.PURPOSE
    return asked or heard > view.created_at
