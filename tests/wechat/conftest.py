"""The official account that these tests speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.settings import Settings
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import Account, opened_account
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator

TOKEN = "callback-token"
APP_ID = "wx0123456789abcdef"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PREVIOUS_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
PAYLOADS = Path(__file__).parent.parent / "payloads" / "wechat"


def payload(name: str) -> str:
    return (PAYLOADS / f"{name}.xml").read_text()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def emulator(clock: SimulatedClock) -> Emulator:
    return Emulator(APP_ID, "app-secret", clock=clock)


@pytest.fixture
def emulator_url(emulator: Emulator) -> Iterator[str]:
    """The emulator over real HTTP, for several processes."""
    with emulator.serving() as url:
        yield url


@pytest.fixture
def wechat_settings(settings: MakeSettings, emulator_url: str) -> MakeSettings:
    def make(**fields: object) -> Settings:
        own = {
            "wechat_token": TOKEN,
            "wechat_app_id": APP_ID,
            "wechat_app_secret": "app-secret",
            "wechat_aes_key": KEY,
            "wechat_aes_key_previous": PREVIOUS_KEY,
            "wechat_api_base": emulator_url,
            "public_url": "https://chat.example.cn",
        }
        return settings(**(own | fields))

    return make


@pytest_asyncio.fixture
async def account(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Account]:
    async with opened_account(wechat_settings(), emulator, clock) as opened:
        yield opened
