"""Replies that a listener took along when it died: what no response can carry any more is pushed."""

from __future__ import annotations

import logging

from backend.conversations import listeners
from handlers.parts import Parts

logger = logging.getLogger(__name__)


async def take_back(parts: Parts) -> int:
    """Push them; how many. Raises DatabaseUnavailable."""
    async with parts.database.work() as work:
        number = await listeners.take_back(work)
        await work.commit()
    if number:
        logger.warning("replies of a listener that died are pushed", extra={"replies": number})
    return number
