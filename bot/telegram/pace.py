"""How fast may be written: some 30 messages a second in all, one a second to a chat, none while told to wait.

Telegram's "Bots FAQ" (My bot is hitting limits) names these figures and allows short bursts; an answer 429
says for how long nothing may be sent, without saying whether to the chat or to anybody. All processes count
together through Redis; without it, or while it is away, each counts for itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

IN_ALL = RateLimitItemPerSecond(28)
"""A little below the FAQ's 30 a second."""

PER_CHAT = RateLimitItemPerSecond(1)

PATIENCE = 5.0
"""Seconds that a message waits here for its turn; a longer wait is given back to the queue."""

SUSPICION_SECONDS = 30
"""Two chats that are refused within so long mean that the bot itself is to wait."""

_LOOK_AGAIN = 0.05


class Pace:
    """The turn of each message; `chat` is any name of a chat."""

    def __init__(
        self,
        redis: Redis | None,
        redis_url: str,
        name: str,
        *,
        in_all: RateLimitItem = IN_ALL,
        per_chat: RateLimitItem = PER_CHAT,
    ) -> None:
        """`name` tells this bot from others; an empty `redis_url` means memory."""
        self._in_all, self._per_chat = in_all, per_chat
        self._memory = _Turns(MovingWindowRateLimiter(MemoryStorage()), _MemoryPauses())
        self._shared = None
        if redis is not None and redis_url:
            pauses = _RedisPauses(redis, f"fengqiao-telegram:{name}")
            self._shared = _Turns(MovingWindowRateLimiter(_storage(redis_url, name)), pauses)

    async def turn(self, chat: str) -> timedelta | None:
        """Wait for the turn of a message to this chat; the time to leave it alone when that is too long."""
        return await self._through(lambda turns: self._wait(turns, chat))

    async def refused(self, chat: str, after: timedelta) -> None:
        """Telegram answered 429: leave this chat alone, and everybody when it is not the only one."""
        await self._through(lambda turns: turns.pauses.add(chat, after.total_seconds()))

    async def _through(self, act: Callable[[_Turns], Awaitable[timedelta | None]]) -> timedelta | None:
        if self._shared is not None:
            try:
                return await act(self._shared)
            except (StorageError, RedisError, OSError):
                logger.warning("pace counted in this process: Redis is away")
        return await act(self._memory)

    async def _wait(self, turns: _Turns, chat: str) -> timedelta | None:
        until = time.monotonic() + PATIENCE
        while True:
            pause = await turns.pauses.left(chat)
            if time.monotonic() + pause > until:
                return timedelta(seconds=max(pause, 1.0))
            if pause > 0:
                await asyncio.sleep(pause)
            elif await self._hit(turns, chat):
                return None
            await asyncio.sleep(_LOOK_AGAIN)

    async def _hit(self, turns: _Turns, chat: str) -> bool:
        limiter = turns.limiter
        # A chat that has to wait takes nobody else's turn.
        if not await limiter.test(self._per_chat, chat) or not await limiter.hit(self._in_all):
            return False
        return await limiter.hit(self._per_chat, chat)


class _Turns:
    def __init__(self, limiter: MovingWindowRateLimiter, pauses: _MemoryPauses | _RedisPauses) -> None:
        self.limiter = limiter
        self.pauses = pauses


class _MemoryPauses:
    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._last = ("", 0.0)

    async def left(self, chat: str) -> float:
        now = time.monotonic()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return max(self._until.get(name, now) for name in ("", chat)) - now

    async def add(self, chat: str, seconds: float) -> None:
        now, (other, at) = time.monotonic(), self._last
        self._last = (chat, now)
        self._until[chat] = now + seconds
        if other not in ("", chat) and now - at < SUSPICION_SECONDS:
            self._until[""] = now + seconds


class _RedisPauses:
    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    async def left(self, chat: str) -> float:
        keys = (f"{self._prefix}:pause:", f"{self._prefix}:pause:{chat}")
        waits = [await self._redis.pttl(key) for key in keys]
        return max(0, *waits) / 1000

    async def add(self, chat: str, seconds: float) -> None:
        milliseconds = max(1, round(seconds * 1000))
        other = await self._redis.set(f"{self._prefix}:refused", chat, ex=SUSPICION_SECONDS, get=True)
        await self._redis.set(f"{self._prefix}:pause:{chat}", 1, px=milliseconds)
        if other is not None and other != chat.encode():
            await self._redis.set(f"{self._prefix}:pause:", 1, px=milliseconds)


def _storage(url: str, name: str) -> Storage:
    return RedisStorage(
        f"async+{url}" if url.startswith("redis") else f"async+redis+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=f"fengqiao-telegram-{name}",
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
    )
