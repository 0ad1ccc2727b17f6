"""The flood limit per resident: over it a message is kept, but not worked on."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from backend.conversations.views import Sender


class FloodLimit:
    """Counts messages per resident and minute in this process: a coarse guard needs no more."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute` messages of one resident are answered within any 60 s."""
        self._item = RateLimitItemPerMinute(per_minute)
        self._told = RateLimitItemPerMinute(1)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def is_over(self, sender: Sender) -> bool:
        """Whether one more message would be too much; counts nothing."""
        return not await self._limiter.test(self._item, "flood", sender.channel, sender.user_id)

    async def allows(self, sender: Sender) -> bool:
        """Whether this message is still to be answered; counts it."""
        return await self._limiter.hit(self._item, "flood", sender.channel, sender.user_id)

    async def tell(self, sender: Sender) -> bool:
        """Whether the resident is to be told now that it is too much: once a minute."""
        return await self._limiter.hit(self._told, "told", sender.channel, sender.user_id)
