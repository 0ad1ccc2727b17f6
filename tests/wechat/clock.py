"""A clock for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """A clock that only moves when a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def timestamp(self) -> float:
        return self.now.timestamp()

    def advance(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)
