"""Logins per user name and per address (防暴力破解): shared through Redis, else in memory."""

from __future__ import annotations

import logging

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

logger = logging.getLogger(__name__)

PER_USER = RateLimitItemPerMinute(10, 10)
"""Tries of one user name in ten minutes, right or wrong; a right one starts anew."""
PER_ADDRESS = RateLimitItemPerMinute(50, 10)
"""Wrong tries from one address in ten minutes: an office shares one address."""
RETRY_AFTER = 600
"""Seconds after which every limit has room again."""


class LoginThrottle:
    """Counts tries; when Redis fails, this process counts for itself."""

    def __init__(self, redis_url: str = "") -> None:
        """`redis_url` empty = memory."""
        self._memory = _Counter(MemoryStorage())
        self._shared = _Counter(_redis(redis_url)) if redis_url else None

    async def admit(self, username: str, address: str) -> bool:
        """Count a try and say whether it may be made."""
        if self._shared is not None:
            try:
                return await self._shared.admit(username, address)
            except StorageError:
                logger.warning("login throttle falls back to memory")
        return await self._memory.admit(username, address)

    async def failed(self, address: str) -> None:
        """The try was wrong."""
        if self._shared is not None:
            try:
                await self._shared.failed(address)
            except StorageError:
                logger.warning("login throttle falls back to memory")
            else:
                return
        await self._memory.failed(address)

    async def succeeded(self, username: str) -> None:
        """The try was right: earlier wrong ones of this user are forgotten."""
        await self._memory.succeeded(username)
        if self._shared is not None:
            try:
                await self._shared.succeeded(username)
            except StorageError:
                logger.warning("login throttle falls back to memory")


class _Counter:
    def __init__(self, storage: Storage) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    async def admit(self, username: str, address: str) -> bool:
        return await self._limiter.test(PER_ADDRESS, "address", address) and await self._limiter.hit(
            PER_USER, "user", username
        )

    async def failed(self, address: str) -> None:
        await self._limiter.hit(PER_ADDRESS, "address", address)

    async def succeeded(self, username: str) -> None:
        await self._limiter.clear(PER_USER, "user", username)


def _redis(url: str) -> Storage:
    return RedisStorage(
        f"async+{url}" if url.startswith("redis") else f"async+redis+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="fengqiao-login",
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
    )
