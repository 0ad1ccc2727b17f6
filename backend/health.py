"""Whether this process is alive and what it needs is there: `/healthz` and `/readyz` of both listeners."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Literal

import httpx
from fastapi import APIRouter, Response
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.db.database import Database

State = Literal["ok", "loading", "down", "off"]

NLU_SECONDS = 1.0
"""How long a health check waits for the model's server."""
LOADS_WITHIN = 180.0
"""Seconds from our own start within which a server that does not answer yet is taken to be loading."""


class NluHealth:
    """The state of the model's server (Rasa's `GET /status`)."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`url` empty = there is none, keywords answer."""
        self._url = url.rstrip("/")
        self._transport = transport
        self._started = time.monotonic()
        self._was_ok = False

    async def state(self) -> State:
        """Ask now; never raises."""
        if not self._url:
            return "off"
        try:
            async with httpx.AsyncClient(
                timeout=NLU_SECONDS, transport=self._transport, trust_env=False
            ) as client:
                response = await client.get(f"{self._url}/status")
        except httpx.HTTPError:
            starting = not self._was_ok and time.monotonic() - self._started < LOADS_WITHIN
            return "loading" if starting else "down"
        if response.status_code == httpx.codes.CONFLICT:
            return "loading"
        self._was_ok = response.is_success
        return "ok" if response.is_success else "down"


def router(
    database: Database, redis: Redis | None, *, nlu_state: Callable[[], State | Awaitable[State]]
) -> APIRouter:
    """The two routes; only the database decides, everything else has a substitute."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def ready(response: Response) -> dict[str, str]:
        nlu = nlu_state()
        there = await database.ping()
        response.status_code = 200 if there else 503
        return {
            "status": "ready" if there else "unavailable",
            "database": "ok" if there else "down",
            "nlu": await nlu if isinstance(nlu, Awaitable) else nlu,
            "redis": await _redis_state(redis),
        }

    return routes


async def _redis_state(redis: Redis | None) -> State:
    if redis is None:
        return "off"
    try:
        await redis.ping()
    except (RedisError, OSError):
        return "down"
    return "ok"
