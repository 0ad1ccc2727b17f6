"""A channel reports how a message went that it took before: one that did not arrive is sent another way."""

from __future__ import annotations

from backend.conversations import reports
from backend.conversations.views import Sender
from handlers.parts import Parts


async def reported(parts: Parts, sender: Sender, remote_id: str, lost: str) -> None:
    """Hear a report (`lost`: why it did not arrive, empty when it did). Raises DatabaseUnavailable."""
    async with parts.database.work() as work:
        await reports.report(work, sender, remote_id, lost)
        await work.commit()
