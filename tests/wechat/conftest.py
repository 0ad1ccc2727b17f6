"""The official account that these tests speak to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.wechat.emulator import Emulator

TOKEN = "callback-token"
APP_ID = "wx0123456789abcdef"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PREVIOUS_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
PAYLOADS = Path(__file__).parent.parent / "payloads" / "wechat"


def payload(name: str) -> str:
    return (PAYLOADS / f"{name}.xml").read_text()


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


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(APP_ID, "app-secret")


@pytest.fixture
def emulator_url(emulator: Emulator) -> Iterator[str]:
    """The emulator over real HTTP, for several processes."""
    with emulator.serving() as url:
        yield url
