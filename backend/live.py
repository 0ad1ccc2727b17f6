"""Wake-ups for open pages across processes: topics only, which may be lost; pages catch up by row id."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.db.work import LIVE_CHANNEL

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
TOGETHER_SECONDS = 0.03
"""How long wake-ups wait for others to go with them through PostgreSQL."""
SILENT_SECONDS = 5.0
"""How long a publisher leaves a dead Redis alone."""


class RedisPublisher:
    """Publishes wake-ups through Redis, and drops them when it is down."""

    def __init__(self, redis: Redis) -> None:
        """`redis` should have short socket time limits: a commit's answer waits for this."""
        self._redis = redis
        self._silent_until = 0.0

    async def publish(self, topics: list[str]) -> None:
        """Tell every listening process; never raises, and waits for a dead Redis only now and then."""
        if time.monotonic() < self._silent_until:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for topic in topics:
                    pipeline.publish(LIVE_CHANNEL, topic)
                await pipeline.execute()
        except (RedisError, OSError):
            self._silent_until = time.monotonic() + SILENT_SECONDS
            logger.warning("wake-ups dropped", extra={"topics": len(topics)})


class PostgresPublisher:
    """Publishes wake-ups through PostgreSQL, many in one statement, and drops them while it is away."""

    def __init__(self, conninfo: str) -> None:
        """`conninfo` is a plain PostgreSQL address; nothing is opened before the first wake-up."""
        self._conninfo = conninfo
        self._connection: psycopg.AsyncConnection | None = None
        self._topics: set[str] = set()
        self._sending: asyncio.Task[None] | None = None

    async def publish(self, topics: list[str]) -> None:
        """Tell every listening process soon; never raises and does not wait."""
        self._topics.update(topics)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all(), name="wake-ups")

    async def aclose(self) -> None:
        """Send what is left, then hang up."""
        if self._sending is not None:
            await self._sending
        await self._hang_up()

    async def _send_all(self) -> None:
        while self._topics:
            await asyncio.sleep(TOGETHER_SECONDS)
            topics, self._topics = sorted(self._topics), set()
            try:
                await self._send(topics)
            except (psycopg.Error, OSError):
                logger.warning("wake-ups dropped", extra={"topics": len(topics)})
                await self._hang_up()

    async def _send(self, topics: list[str]) -> None:
        if self._connection is None:
            connecting = psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, connect_timeout=2)
            self._connection = await connecting
        await self._connection.execute(
            "select pg_notify(%s, topic) from unnest(%s::text[]) as topic", [LIVE_CHANNEL, topics]
        )

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


class Subscription:
    """One open page's ear: `wait` returns when its topic was touched or the time is over."""

    def __init__(self) -> None:
        """Made by `Live.subscribe`."""
        self.touched = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """True when woken within `seconds`; either way look at the rows again."""
        try:
            await asyncio.wait_for(self.touched.wait(), seconds)
        except TimeoutError:
            return False
        self.touched.clear()
        return True


class Live:
    """Listens once per process, on Redis or on PostgreSQL, and wakes this process's open pages."""

    def __init__(self, conninfo: str, redis: Redis | None = None) -> None:
        """`conninfo` is a plain PostgreSQL address, used when there is no Redis."""
        self._conninfo = conninfo
        self._redis = redis
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen in the background; reconnects for ever."""
        self._task = asyncio.create_task(self._run(), name="live")

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:
        """Hear wake-ups of one topic while the block runs."""
        subscription = Subscription()
        self._subscriptions.setdefault(topic, set()).add(subscription)
        try:
            yield subscription
        finally:
            ears = self._subscriptions[topic]
            ears.discard(subscription)
            if not ears:
                del self._subscriptions[topic]

    def _wake(self, topic: str) -> None:
        for subscription in self._subscriptions.get(topic, ()):
            subscription.touched.set()

    def _wake_all(self) -> None:
        for topic in list(self._subscriptions):
            self._wake(topic)

    async def _run(self) -> None:
        while True:
            try:
                await (self._listen_postgres() if self._redis is None else self._listen_redis(self._redis))
            except (psycopg.Error, RedisError, OSError):
                logger.warning("wake-ups interrupted")
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_postgres(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            await connection.execute(f"listen {LIVE_CHANNEL}")
            self._wake_all()
            async for notification in connection.notifies():
                self._wake(notification.payload)

    async def _listen_redis(self, redis: Redis) -> None:
        async with redis.pubsub() as pubsub:
            await pubsub.subscribe(LIVE_CHANNEL)
            self._wake_all()
            async for message in pubsub.listen():
                if message["type"] == "message":
                    self._wake(message["data"].decode())
