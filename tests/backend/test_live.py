"""Wake-ups across processes: by NOTIFY or by Redis, dropped without harm, back after an outage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from redis.asyncio import Redis

from backend.db.database import Database
from backend.live import Live, PostgresPublisher, RedisPublisher, Subscription
from backend.redis_client import connect
from tests.fixtures.redis import RedisServer
from tests.fixtures.settings import MakeSettings


@asynccontextmanager
async def listening(database: Database, redis: Redis | None = None) -> AsyncIterator[Live]:
    live = Live(database.conninfo, redis)
    await live.start()
    yield live
    await live.close()


async def wake(database: Database, topic: str) -> None:
    async with database.work() as work:
        work.wake(topic)
        await work.commit()


async def heard(database: Database, ear: Subscription, topic: str = "conversation:7") -> bool:
    """Whether a wake-up arrives; tried for a while, since a listener needs a moment to begin."""
    for _ in range(60):
        await wake(database, topic)
        if await ear.wait(0.25):
            return True
    return False


async def test_by_notify(database: Database) -> None:
    async with listening(database) as live, live.subscribe("conversation:7") as ear:
        assert await heard(database, ear)
        await asyncio.sleep(0.3)
        ear.touched.clear()
        await wake(database, "conversation:8")
        assert not await ear.wait(0.5), "another conversation's page sleeps on"


async def test_after_the_commit_many_in_one_statement(database: Database) -> None:
    publisher = PostgresPublisher(database.conninfo)
    after = Database(database.conninfo, publisher=publisher)
    async with listening(database) as live, live.subscribe("conversation:7") as ear:
        assert await heard(after, ear)
        await cut_all(database)
        assert await heard(after, ear), "a lost connection is made anew"
        await asyncio.gather(*(wake(after, f"conversation:{number}") for number in range(20)))
    await publisher.aclose()
    await after.close()
    nowhere = PostgresPublisher("postgresql://nobody@/nothing?host=/nowhere")
    await nowhere.publish(["staff"])
    await nowhere.aclose()


async def cut_all(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.conninfo, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


async def test_what_is_rolled_back_wakes_nobody(database: Database) -> None:
    async with listening(database) as live, live.subscribe("staff") as ear:
        assert await heard(database, ear, "staff")
        await asyncio.sleep(0.3)
        ear.touched.clear()
        async with database.work() as work:
            work.wake("staff")
        assert not await ear.wait(0.5)


async def test_by_redis_and_through_its_outage(
    settings: MakeSettings, redis_server: RedisServer, database_url: str
) -> None:
    redis = connect(settings(redis_url=redis_server.url))
    assert redis is not None
    database = Database(database_url, publisher=RedisPublisher(redis))
    async with listening(database, redis) as live, live.subscribe("conversation:7") as ear:
        assert await heard(database, ear)
        redis_server.stop()
        for _ in range(3):
            await wake(database, "conversation:7")
        redis_server.start()
        assert await heard(database, ear), "heard again after the outage"
    await database.close()
    await redis.aclose()


async def test_a_page_that_closed_is_forgotten(database: Database) -> None:
    live = Live(database.conninfo)
    async with live.subscribe("staff"), live.subscribe("staff"):
        assert len(live._subscriptions["staff"]) == 2
    assert live._subscriptions == {}


async def test_without_an_address_there_is_no_redis(settings: MakeSettings) -> None:
    assert connect(settings()) is None
