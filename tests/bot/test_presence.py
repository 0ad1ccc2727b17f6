"""A listener says that it is there, under the name that its connections bear, and signs off at a good end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from backend.conversations import listeners
from bot.compose import composed
from bot.presence import present
from tests.fixtures.settings import MakeSettings


def signed(url: str) -> dict[str, float]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select name, extract(epoch from seen_at) from listeners").fetchall()
    return {name: float(seen_at) for name, seen_at in rows}


async def there(url: str) -> dict[str, float]:
    async with asyncio.timeout(10):
        while not (found := signed(url)):
            await asyncio.sleep(0.02)
    return found


async def test_it_signs_again_and_again_and_off(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "SIGN_EVERY", timedelta(seconds=0.05))
    url = settings().database_url
    async with present(settings()) as own, composed(own) as made:
        ((name, first),) = (await there(url)).items()
        async with asyncio.timeout(10):
            while signed(url)[name] == first:
                await asyncio.sleep(0.05)
        async with made.parts.database.work() as work:
            assert await work.run("show application_name", {}) == (name,)
    assert signed(url) == {}


async def test_whose_end_is_not_good_does_not_sign_off(settings: MakeSettings) -> None:
    url = settings().database_url
    with pytest.raises(RuntimeError):
        async with present(settings()):
            await there(url)
            raise RuntimeError
    assert len(signed(url)) == 1


async def test_without_a_database_it_says_nothing(settings: MakeSettings) -> None:
    async with present(settings(database_url="")) as own:
        assert not own.database_url
    async with present(settings(database_url="postgresql://nobody@127.0.0.1:9/none")) as own:
        assert "application_name" in own.database_url
