"""Which language model the server runs, and whether it is the one of the training data on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Fit = Literal["current", "stale", "unknown"]

KNOWN_SECONDS = 15.0
"""How long an answer counts, also an empty one: probes come every few seconds, models change once a month."""
ASK_SECONDS = 1.0
"""How long a health check waits for the name."""


@dataclass(frozen=True, slots=True)
class Model:
    """The running model's fingerprint, None when the server does not say, and how it fits the data here."""

    fingerprint: str | None = None
    fit: Fit = "unknown"


class RunningModel:
    """Asks the model's server now and then, and remembers."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[str | None]],
        present: Callable[[], str] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ask` gives the running model's name, `present` the one that the training data here would get."""
        self._ask = ask
        self._present = present
        self._clock = clock
        self._seen = Model()
        self._until = clock()

    async def look(self) -> Model:
        """The model, at most `KNOWN_SECONDS` old; never raises and waits `ASK_SECONDS` at most."""
        if self._clock() >= self._until:
            self._seen = await self._look()
            self._until = self._clock() + KNOWN_SECONDS
        return self._seen

    async def _look(self) -> Model:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                name = await self._ask()
        except TimeoutError:
            return Model()
        if name is None or self._present is None:
            return Model(name)
        try:
            present = await asyncio.to_thread(self._present)
        except OSError:
            return Model(name)
        return Model(name, "current" if name == present else "stale")
