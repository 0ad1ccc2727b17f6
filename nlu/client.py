"""Asks the Rasa server what a text means, within a time limit; keywords answer when it cannot."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal

import httpx

from nlu import keywords
from nlu.breaker import Breaker
from nlu.entities import entities
from nlu.safety import crises
from nlu.understanding import CATEGORIES, Understanding, category_ranking

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 1.5
FAILURES = 3
PAUSE_SECONDS = 5.0
CACHED = 2048

State = Literal["ok", "loading", "down", "off"]


class NluClient:
    """One process's way to the model; never raises and never logs a text."""

    def __init__(
        self,
        url: str | None,
        *,
        limit_seconds: float = LIMIT_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`url` is the Rasa server's address, None = keywords only."""
        self._limit = limit_seconds
        self._breaker = Breaker(failures=FAILURES, pause_seconds=PAUSE_SECONDS, monotonic=monotonic)
        self._cache: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._answered = False
        self._http = (
            httpx.AsyncClient(base_url=url, timeout=limit_seconds, transport=transport) if url else None
        )

    @property
    def state(self) -> State:
        """ok, loading (it never answered yet), down (it stopped answering) or off (no address)."""
        if self._http is None:
            return "off"
        if self._breaker.closed and self._answered:
            return "ok"
        return "down" if self._answered else "loading"

    async def understand(self, text: str) -> Understanding:
        """What a text means: by the model when it answers in time, else by keywords."""
        answer = await self._ask(text)
        meaning = keywords.understand(text) if answer is None else _meaning(answer)
        return dataclasses.replace(meaning, entities=entities(text), crises=crises(text))

    async def aclose(self) -> None:
        """Give the connections back."""
        if self._http is not None:
            await self._http.aclose()

    async def _ask(self, text: str) -> Mapping[str, Any] | None:
        if self._http is None:
            return None
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        if not self._breaker.allows():
            return None
        try:
            async with asyncio.timeout(self._limit):
                response = await self._http.post("/model/parse", json={"text": text})
            answer: Mapping[str, Any] = response.raise_for_status().json()
            _check(answer)
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._breaker.failed()
            self._cache.clear()
            logger.warning("the model did not answer", extra={"error": type(error).__name__})
            return None
        except asyncio.CancelledError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        self._answered = True
        self._cache[text] = answer
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return answer


def _meaning(answer: Mapping[str, Any]) -> Understanding:
    scores = {str(item["name"]): float(item["confidence"]) for item in answer["intent_ranking"]}
    return Understanding(
        intent=str(answer["intent"]["name"]),
        confidence=float(answer["intent"]["confidence"]),
        ranking=category_ranking({name: scores.get(name, 0.0) for name in CATEGORIES}),
        source="rasa",
    )


def _check(answer: Any) -> None:
    """Raise KeyError, TypeError or ValueError unless the answer has what is read from it."""
    names = {str(item["name"]) for item in answer["intent_ranking"] if float(item["confidence"]) >= 0}
    if str(answer["intent"]["name"]) not in names:
        raise ValueError("the intent is not in its ranking")
    float(answer["intent"]["confidence"])
