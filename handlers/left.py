"""A resident turned their back on a channel: what waits for their next contact there goes another way now."""

from __future__ import annotations

from datetime import datetime

from backend.conversations import entry, next_contact
from backend.conversations import standing as standings
from backend.conversations.views import Sender
from handlers.parts import Parts


async def left(parts: Parts, sender: Sender, at: datetime) -> None:
    """Write to them no more before they come back, whichever was later. Raises DatabaseUnavailable."""
    async with parts.database.work() as work:
        standing = await standings.leave(work, sender, at)
        if standing is None:
            return
        await entry.lock_by_id(work, standing.conversation_id)
        waiting = [view.id for view in await next_contact.waiting(work, standing.conversation_id)]
        await next_contact.release(work, standing.conversation_id, waiting)
        await work.commit()
