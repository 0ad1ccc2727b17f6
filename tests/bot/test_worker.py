"""The worker outlives a lost database, and stops when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from backend.db.database import DatabaseUnavailable
from bot import worker
from bot.compose import composed
from handlers.parts import Parts
from tests.fixtures.settings import MakeSettings


async def eventually(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not reached():
            await asyncio.sleep(0.02)


async def test_a_lost_database_is_waited_for(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def claim_due(_parts: Parts) -> None:
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise DatabaseUnavailable

    monkeypatch.setattr(worker, "claim_due", claim_due)
    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.01)
    async with composed(settings()) as made:
        working = asyncio.create_task(worker.work_for_ever(made.parts, tick_seconds=0.01))
        await eventually(lambda: looks > 4 or working.done())
        assert not working.done(), "it gave up"
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(working, 20)
