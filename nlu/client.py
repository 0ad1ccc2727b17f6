"""Rasa over HTTP, with a time limit, a circuit breaker and the keyword answer behind it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import aiohttp

from nlu import entities, keywords, safety
from nlu.breaker import CircuitBreaker
from nlu.matters import division, matters
from nlu.scripts import is_foreign
from nlu.understanding import CATEGORIES, Matter, Understanding, category_ranking

State = Literal["ok", "loading", "down", "off"]

TIME_LIMIT = 1.5  # seconds for one text, its parts included
LONGEST_TEXT = 2000  # characters; what follows says nothing new about the category
CACHED_TEXTS = 512

_GREETING = "你好"
_NOT_UNDERSTOOD = Understanding("", 0.0, category_ranking({}), source="keywords")

logger = logging.getLogger(__name__)


class NluClient:
    """Understands a text by Rasa, or by keywords while Rasa is loading, slow, broken or switched off.

    Args:
        url: Rasa's address (NLU_URL); empty or None: keywords only.
        clock: monotonic seconds.
        time_limit: seconds for one request, connecting included.
        failures: consecutive failures after which Rasa is left alone.
        pause: seconds until it is tried again, with one request.

    """

    def __init__(
        self,
        url: str | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        time_limit: float = TIME_LIMIT,
        failures: int = 3,
        pause: float = 3.0,
    ) -> None:
        self._url = f"{url.rstrip('/')}/" if url else None
        self._session: aiohttp.ClientSession | None = None
        self._time_limit = time_limit
        self._breaker = CircuitBreaker(clock, failures=failures, pause=pause)
        self._answers: OrderedDict[bytes, Understanding] = OrderedDict()
        self._has_answered = False
        # Word lists are read with the first text: not the first resident's, whose answer has a time limit.
        _completed(keywords.understand(_GREETING), _GREETING)
        division(_GREETING)

    @property
    def state(self) -> State:
        """For /readyz: `loading` until the first answer, `down` while requests fail, `off` without an URL."""
        if self._url is None:
            return "off"
        if not self._has_answered:
            return "loading"
        return "ok" if self._breaker.state == "closed" else "down"

    async def understand(self, text: str) -> Understanding:
        """Return the meaning of `text`; never raises and never takes longer than the time limit.

        Words in other letters than Chinese are not guessed at: only what digits and signs of danger say.
        A text that seems to hold two matters is asked about in parts too, in the time that is left.
        """
        if is_foreign(text):
            return _completed(_NOT_UNDERSTOOD, text)
        until = asyncio.get_running_loop().time() + self._time_limit
        meaning = await self._by_rasa(text[:LONGEST_TEXT])
        if meaning is None:
            return _completed(keywords.understand(text), text)
        found = await self._matters(text[:LONGEST_TEXT], until)
        return replace(_completed(meaning, text), matters=found)

    async def check(self) -> State:
        """Return the state after asking Rasa anew if the last answer was a failure or none came yet."""
        if self.state in ("loading", "down"):
            await self._by_rasa(_GREETING)
        return self.state

    async def model(self) -> str | None:
        """Return the name of the model that Rasa runs (its data's hash), or None when it does not say."""
        if self._url is None:
            return None
        try:
            async with self._http().get("status") as answer:
                name = (await answer.json(content_type=None))["model_file"]
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            return None
        return name.removesuffix(".tar.gz") if isinstance(name, str) else None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _matters(self, text: str, until: float) -> tuple[Matter, ...]:
        """The matters of `text` when it surely holds several; it is one when Rasa fails or is late."""
        divided = division(text)
        if divided is None:
            return ()
        asked = await asyncio.gather(*(self._by_rasa(part, until) for part in divided.parts))
        meanings = [meaning for meaning in asked if meaning is not None]
        if len(meanings) < len(asked):
            return ()
        found = [
            replace(matter, meaning=_completed(matter.meaning, matter.text))
            for matter in matters(divided, meanings)
        ]
        # A danger that is heard only across the cut must not fall between two cases.
        heard = {crisis for matter in found for crisis in matter.meaning.crises}
        return tuple(found) if heard.issuperset(safety.crises(text)) else ()

    async def _by_rasa(self, text: str, until: float | None = None) -> Understanding | None:
        """What Rasa says, or None. To be later than `until` (the loop's time) is no failure of Rasa's."""
        # Rasa takes a text that begins with a slash for a command that names an intent.
        text = text.strip().lstrip("/").strip()
        if self._url is None or not any(map(str.isalnum, text)):
            return None
        # A digest, so that no citizen's text lies around in memory.
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if (known := self._answers.get(key)) is not None:
            self._answers.move_to_end(key)
            return known
        before = self._breaker.state
        if not self._breaker.allows():
            return None
        meaning = await self._ask(text, until)
        if (after := self._breaker.state) != before:
            # Rasa may have come back with another model.
            self._answers.clear()
            logger.warning("Rasa's circuit breaker: %s, was %s", after, before)
        if meaning is not None:
            self._answers[key] = meaning
            if len(self._answers) > CACHED_TEXTS:
                self._answers.popitem(last=False)
        return meaning

    async def _ask(self, text: str, until: float | None) -> Understanding | None:
        limit = asyncio.get_running_loop().time() + self._time_limit
        try:
            async with asyncio.timeout_at(until or limit):
                meaning = _meaning(await self._answer(text))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            if until is not None and isinstance(error, TimeoutError):
                self._breaker.abandoned()
            else:
                self._breaker.failed()
                logger.info("Rasa did not answer: %s", type(error).__name__)
            return None
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        self._has_answered = True
        return meaning

    async def _answer(self, text: str) -> Any:
        try:
            return await self._post(text)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            # The process behind a kept connection ended; another one takes a new connection.
            return await self._post(text)

    async def _post(self, text: str) -> Any:
        async with self._http().post("model/parse", json={"text": text}) as answer:
            return await answer.json(content_type=None)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                self._url,
                connector=aiohttp.TCPConnector(limit=32, keepalive_timeout=60),
                timeout=aiohttp.ClientTimeout(self._time_limit),
                raise_for_status=True,
            )
        return self._session


def _completed(meaning: Understanding, text: str) -> Understanding:
    """The meaning with what is read from the text without Rasa."""
    return replace(meaning, entities=entities.entities(text), crises=safety.crises(text))


def _meaning(answer: Any) -> Understanding:
    """Read Rasa's answer.

    Raises:
        ValueError: it is not one, or names no intent.

    """
    try:
        scores = {str(entry["name"]): float(entry["confidence"]) for entry in answer["intent_ranking"]}
        intent, confidence = answer["intent"]["name"], float(answer["intent"]["confidence"])
    except (KeyError, TypeError) as error:
        raise ValueError("not an answer of Rasa") from error
    if not isinstance(intent, str) or not scores.keys() & set(CATEGORIES):
        raise ValueError("an answer without an intent or without a category")
    return Understanding(intent, confidence, category_ranking(scores), source="rasa")
