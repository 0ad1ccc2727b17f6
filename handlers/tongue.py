"""In which language a resident is spoken to."""

from __future__ import annotations

from backend.conversations import turns
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from handlers.parts import Parts


async def language_of(parts: Parts, sender: Sender) -> str:
    """The language of a resident's conversation; empty before there is one, or without the database."""
    try:
        async with parts.database.work() as work:
            opened = await turns.peek(work, sender)
    except DatabaseUnavailable:
        return ""
    return opened.language if opened is not None else ""
