"""How fast may be written: real limits, counted in one process and by two through a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from limits import RateLimitItemPerSecond
from redis.asyncio import Redis

from backend.redis_client import connect
from bot.telegram import pace as module
from bot.telegram.pace import Pace
from tests.fixtures.redis import RedisServer
from tests.fixtures.settings import MakeSettings


@pytest_asyncio.fixture(params=["memory", "redis"])
async def paces(
    request: pytest.FixtureRequest, settings: MakeSettings, redis_url: str
) -> AsyncIterator[tuple[Pace, Pace]]:
    """Two processes of one installation; with memory it is one and the same."""
    if request.param == "memory":
        alone = Pace(None, "", "1")
        yield alone, alone
        return
    clients = [connect(settings(redis_url=redis_url)) for _ in range(2)]
    first, second = (Pace(client, redis_url, "1") for client in clients)
    yield first, second
    for client in clients:
        assert isinstance(client, Redis)
        await client.aclose()


async def test_one_chat_waits_and_others_do_not(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    started = time.monotonic()
    assert await first.turn("7") is None
    assert await second.turn("8") is None
    assert await second.turn("7") is None
    assert time.monotonic() - started > 0.95, "the second message to the same chat"


async def test_all_chats_together_have_a_limit() -> None:
    pace = Pace(None, "", "1", in_all=RateLimitItemPerSecond(10))
    started = time.monotonic()
    assert await asyncio.gather(*(pace.turn(str(chat)) for chat in range(21))) == [None] * 21
    assert time.monotonic() - started > 1.9, "21 messages at 10 a second end in the third second"


async def test_a_chat_that_is_to_be_left_alone_is_given_back(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    await first.refused("7", timedelta(seconds=34))
    wait = await second.turn("7")
    assert wait is not None and timedelta(seconds=30) < wait <= timedelta(seconds=34)
    assert await second.turn("8") is None, "it may hold for one chat alone"


async def test_two_chats_that_are_refused_mean_everybody(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    await first.refused("7", timedelta(seconds=34))
    await first.refused("7", timedelta(seconds=34))
    assert await second.turn("8") is None
    await second.refused("9", timedelta(seconds=20))
    for chat in ("10", "11"):
        wait = await first.turn(chat)
        assert wait is not None and wait <= timedelta(seconds=20)


async def test_a_short_pause_is_waited_for(paces: tuple[Pace, Pace]) -> None:
    first, second = paces
    await first.refused("7", timedelta(seconds=0.5))
    started = time.monotonic()
    assert await second.turn("7") is None
    assert time.monotonic() - started > 0.4


async def test_too_long_a_queue_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    pace = Pace(None, "", "1")
    assert await pace.turn("7") is None
    assert await pace.turn("7") == timedelta(seconds=1)


async def test_without_redis_each_process_counts_for_itself(
    settings: MakeSettings, redis_server: RedisServer
) -> None:
    client = connect(settings(redis_url=redis_server.url))
    pace = Pace(client, redis_server.url, "1")
    await pace.refused("7", timedelta(seconds=30))
    redis_server.stop()
    assert await pace.turn("7") is None, "what it knew is lost, not the service"
    await pace.refused("7", timedelta(seconds=30))
    assert await pace.turn("7") is not None
    redis_server.start()
    assert await pace.turn("8") is None
    assert client is not None
    await client.aclose()
