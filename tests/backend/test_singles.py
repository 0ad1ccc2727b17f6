"""Single statements: committed, at once, and none kept waiting by a connection that was lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from backend.db import singles as module
from backend.db.database import Database, DatabaseUnavailable
from backend.db.singles import AT_ONCE, Singles


async def test_each_is_committed_and_connections_are_used_again(database_url: str) -> None:
    singles = Singles(database_url)
    assert await singles.run("select pg_backend_pid()", {}) == await singles.run(
        "select pg_backend_pid()", {}
    )
    await singles.run("insert into units (code, name) values ('x', '单位') returning id", {})
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from units where code = 'x'").fetchone() == (1,)
    await singles.close()


async def test_what_is_too_many_waits(database_url: str) -> None:
    singles = Singles(database_url)
    asked = (singles.run("select pg_backend_pid(), pg_sleep(0.05)", {}) for _ in range(3 * AT_ONCE))
    found = {row[0] for row in await asyncio.gather(*asked) if row}
    assert len(found) == AT_ONCE
    await singles.close()


async def test_a_wrong_statement_harms_no_other(database_url: str) -> None:
    singles = Singles(database_url)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await singles.run("select 1 / 0", {})
    assert await singles.run("select 1", {}) == (1,)
    await singles.close()


async def test_after_a_restart_one_fails_and_the_next_does_not(database_url: str) -> None:
    database = Database(database_url)

    async def one(seconds: float = 0) -> object:
        async with database.work() as work:
            return await work.alone("select 1 from pg_sleep(%(seconds)s)", {"seconds": seconds})

    await asyncio.gather(*(one(0.05) for _ in range(4)))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    with pytest.raises(DatabaseUnavailable):
        await one()
    for _ in range(4):
        assert await one() == (1,)
    await database.close()


async def test_one_that_was_given_up_leaves_no_place_taken(database_url: str) -> None:
    singles = Singles(database_url)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await singles.run("select pg_sleep(5)", {})
    assert await singles.run("select 1", {}) == (1,)
    await singles.close()


async def test_when_all_hang_the_next_does_not_wait_for_ever(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FREE_WITHIN", timedelta(seconds=0.1))
    database = Database(database_url)

    async def one(seconds: float) -> object:
        async with database.work() as work:
            return await work.alone("select 1 from pg_sleep(%(seconds)s)", {"seconds": seconds})

    hanging = [asyncio.create_task(one(1)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(0.8):
        with pytest.raises(DatabaseUnavailable):
            await one(0)
    assert await asyncio.gather(*hanging) == [(1,)] * AT_ONCE, "those were left alone"
    assert await one(0) == (1,)
    await database.close()
