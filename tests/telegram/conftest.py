"""The bot that these tests speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiogram.client.session.aiohttp import AiohttpSession
from limits import RateLimitItemPerSecond

from backend.settings import Settings
from bot.telegram.pace import Pace
from tests.fixtures.settings import MakeSettings
from tests.telegram.emulator import TOKEN, Emulator
from tests.telegram.installed import Installed, installed
from tests.wechat.clock import SimulatedClock


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def emulator_url(emulator: Emulator) -> Iterator[str]:
    """The emulator over real HTTP."""
    with emulator.serving() as url:
        yield url


@pytest.fixture(autouse=True)
def closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed bot would wait a quarter of a second for the end of TLS, which nobody speaks here."""

    async def close(session: AiohttpSession) -> None:
        if session._session is not None:
            await session._session.close()

    monkeypatch.setattr(AiohttpSession, "close", close)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole conversations in a moment; the real pace has its own tests."""
    monkeypatch.setitem(Pace.__init__.__kwdefaults__, "per_chat", RateLimitItemPerSecond(1000))


@pytest.fixture
def telegram_settings(settings: MakeSettings, emulator_url: str) -> MakeSettings:
    def make(**fields: object) -> Settings:
        own = {
            "telegram_token": TOKEN,
            "telegram_api_base": emulator_url,
            "public_url": "https://chat.example.test",
        }
        return settings(**(own | fields))

    return make


@pytest_asyncio.fixture
async def bot(
    telegram_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock, unhurried: None
) -> AsyncIterator[Installed]:
    async with installed(telegram_settings(), emulator, clock) as opened:
        yield opened
