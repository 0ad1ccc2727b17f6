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
from backend.running_model import Model, RunningModel

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
            response = await self._status()
        except httpx.HTTPError:
            starting = not self._was_ok and time.monotonic() - self._started < LOADS_WITHIN
            return "loading" if starting else "down"
        if response.status_code == httpx.codes.CONFLICT:
            return "loading"
        self._was_ok = response.is_success
        return "ok" if response.is_success else "down"

    async def model(self) -> str | None:
        """The name of the model that the server runs, None when it does not say; never raises."""
        try:
            name = (await self._status()).json()["model_file"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        return name.removesuffix(".tar.gz") if isinstance(name, str) else None

    async def _status(self) -> httpx.Response:
        async with httpx.AsyncClient(
            timeout=NLU_SECONDS, transport=self._transport, trust_env=False
        ) as client:
            return await client.get(f"{self._url}/status")


def router(
    database: Database,
    redis: Redis | None,
    *,
    nlu_state: Callable[[], State | Awaitable[State]],
    model: RunningModel | None = None,
) -> APIRouter:
    """The two routes; only the database decides, everything else has a substitute.

    `model` is asked only while the server answers, so that a dead one costs a probe nothing more.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def ready(response: Response) -> dict[str, str | None]:
        asked = nlu_state()
        there = await database.ping()
        nlu = await asked if isinstance(asked, Awaitable) else asked
        running = await model.look() if model is not None and nlu == "ok" else Model()
        response.status_code = 200 if there else 503
        return {
            "status": "ready" if there else "unavailable",
            "database": "ok" if there else "down",
            "nlu": nlu,
            "model": running.fingerprint,
            "model_fit": running.fit,
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
