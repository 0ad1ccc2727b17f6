"""A resident who could not be reached has come back, and has said nothing yet."""

from __future__ import annotations

from backend.conversations import entry, next_contact, turns
from backend.conversations.views import Sender
from handlers.parts import Parts


async def returned(parts: Parts, sender: Sender) -> int:
    """Send what waited for their next contact; how many messages. Raises DatabaseUnavailable."""
    async with parts.database.work() as work:
        if await turns.peek(work, sender) is None:
            return 0
        conversation = await entry.lock(work, sender)
        waiting = [view.id for view in await next_contact.waiting(work, conversation.conversation_id)]
        await next_contact.release(work, conversation.conversation_id, waiting)
        await work.commit()
    return len(waiting)
