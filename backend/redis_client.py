"""Redis as this project uses it: optional, impatient, holding only what may be lost."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from backend.settings import Settings

PATIENCE = 0.5
"""Seconds until a Redis that does not answer is taken for dead."""


def connect(settings: Settings) -> Redis | None:
    """A client for REDIS_URL, None when it is empty; nothing is sent until it is used."""
    if not settings.redis_url:
        return None
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
