"""`kill -9` at random moments: no complaint lost, none doubled, every confirmed case answered."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from backend.db.embedded import EmbeddedPostgres
from tests.system.installation import AES_KEY, APP_ID, TOKEN, Installation, installation
from tests.system.resident import Resident
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

RESIDENTS = 200
AT_ONCE = 20


def resident(home: Installation, emulator: Emulator, http: httpx.AsyncClient, i: int) -> Resident:
    safe = {"app_id": APP_ID, "aes_key": AES_KEY} if i % 2 else {}
    phone = Phone(f"{home.url}/wechat", TOKEN, http, emulator=emulator, **safe)  # type: ignore[arg-type]
    return Resident(phone, f"楼上漏水漏到我家第{i:04d}间房 天花板都湿了 物业不管")


async def killing(home: Installation, chance: random.Random) -> Counter[str]:
    """Kill one part after the other, each a random moment after all were back; how often which."""
    killed: Counter[str] = Counter()
    try:
        for part in itertools.cycle(("residents", "postgres", "bot.worker")):
            await asyncio.to_thread(home.wait_until_ready)
            await asyncio.sleep(chance.uniform(0, 4))
            killed[part] += await asyncio.to_thread(home.kill, part, chance)
            # The listening socket outlives its process: give the end a moment to be noticed.
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        pass
    return killed


def stories(home: Installation) -> Counter[str]:
    """Which story is in how many cases, by the database itself."""
    with psycopg.connect(EmbeddedPostgres(home.data_dir).url) as connection:
        rows = connection.execute("select summary from cases").fetchall()
    return Counter(row[0] for row in rows)


@pytest.mark.timeout(600)
async def test_killed_at_random_moments(tmp_path: Path) -> None:
    emulator = Emulator(APP_ID, "app-secret")
    seed = random.randrange(2**32)
    print("seed", seed)  # noqa: T201  (shown when the test fails)
    with emulator.serving() as api, installation(tmp_path / "data", api) as home:
        async with httpx.AsyncClient(timeout=10) as http:
            residents = [resident(home, emulator, http, i) for i in range(RESIDENTS)]
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(who: Resident) -> str:
                async with gate:
                    return await who.gets_a_number()

            killer = asyncio.create_task(killing(home, random.Random(seed)))
            numbers = await asyncio.gather(*(one(who) for who in residents))
            killer.cancel()
            killed = await killer
        home.wait_until_ready()
        assert min(killed[part] for part in ("residents", "postgres", "bot.worker")) > 0, killed
        assert len(set(numbers)) == RESIDENTS
        found = stories(home)
    assert len(found) == RESIDENTS, "a complaint was lost or mixed"
    assert set(found.values()) == {1}, "a complaint was opened twice"
    for who in residents:
        assert who.story in found


@pytest.mark.timeout(600)
async def test_two_hundred_at_once(tmp_path: Path) -> None:
    emulator = Emulator(APP_ID, "app-secret")
    with emulator.serving() as api, installation(tmp_path / "data", api) as home:
        async with AsyncExitStack() as opened:
            # Each phone has its own: one client looks through all its connections at every request.
            phones = [
                await opened.enter_async_context(httpx.AsyncClient(timeout=30)) for _ in range(RESIDENTS)
            ]
            residents = [resident(home, emulator, http, i) for i, http in enumerate(phones)]
            numbers = await asyncio.gather(*(who.gets_a_number() for who in residents))
        assert len(set(numbers)) == RESIDENTS
        found = stories(home)
    assert found == Counter({who.story: 1 for who in residents})
