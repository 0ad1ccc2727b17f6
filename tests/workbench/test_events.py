"""The open page's stream, over a real socket: counts, wake-ups, presence, and its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from backend.app import create_app
from backend.conversations import alerts, handover
from backend.db.database import Database
from backend.domain.lifecycle import Role
from backend.live import RedisPublisher
from backend.organisation import accounts
from backend.workbench import events
from tests.fixtures.redis import RedisServer
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import Office, Person, hearing, serving

SOONER = events.LOOK_AGAIN - 1
"""Seconds within which a page that was not woken does not look."""


@dataclass
class Stream:
    """What a page hears."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    ended: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, name: str, seconds: float = 10) -> str:
        """Wait for an event, forget all up to it, and return its data."""
        async with asyncio.timeout(seconds):
            while True:
                for index, (event, data) in enumerate(self.heard):
                    if event == name:
                        del self.heard[: index + 1]
                        return data
                assert not self.ended, "the stream ended"
                self.arrived.clear()
                await self.arrived.wait()

    async def read(self, response: httpx.Response) -> None:
        name, data = "", ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and name:
                self.heard.append((name, data))
                name, data = "", ""
                self.arrived.set()
        self.ended = True
        self.arrived.set()


@asynccontextmanager
async def listening(url: str, person: Person, query: str = "") -> AsyncIterator[Stream]:
    stream = Stream()
    cookies = {"fengqiao": person.session.token}
    async with (
        httpx.AsyncClient(cookies=cookies, timeout=None, trust_env=False) as client,
        client.stream("GET", f"{url}/events{query}") as response,
    ):
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        reading = asyncio.create_task(stream.read(response))
        yield stream
        reading.cancel()


async def test_counts_and_wake_ups(office: Office, staff_url: str) -> None:
    officer = await office.person(Role.OFFICER)
    async with listening(staff_url, officer) as stream:
        assert json.loads(await stream.until("counts")) == {
            "waiting": 0, "mine": 0, "alerts": 0, "dead_letters": 0, "newest_case": 0,
        }  # fmt: skip
        case = await office.case()
        assert json.loads(await stream.until("counts"))["newest_case"] == case.id
        await stream.until("changed")
        resident = await office.resident()
        async with office.database.work() as work:
            await handover.request(work, resident.conversation_id, "asked")
            await alerts.raise_alert(work, "crisis", resident.conversation_id)
            await work.commit()
        counts = json.loads(await stream.until("counts"))
        assert (counts["waiting"], counts["alerts"]) == (1, 1)
        async with office.database.work() as work:
            await handover.take(work, resident.conversation_id, officer.member.id)
            await work.commit()
        assert json.loads(await stream.until("counts"))["waiting"] == 0
        await office.hears(resident, "在吗")
        async with office.database.work() as work:
            work.wake("staff")
            await work.commit()
        assert json.loads(await stream.until("counts"))["mine"] == 1


async def test_wake_ups_through_redis(
    office: Office, settings: MakeSettings, database_url: str, redis_server: RedisServer
) -> None:
    """Redis carries them; while it is away a page looks for itself, a little later."""
    officer = await office.person(Role.OFFICER)
    app = create_app(settings(redis_url=redis_server.url))
    redis = Redis.from_url(redis_server.url, socket_timeout=0.5)
    elsewhere = Office(Database(database_url, publisher=RedisPublisher(redis)))
    hears = hearing(app)
    async with serving(app) as url:
        await hears.wait()
        async with listening(url, officer) as stream:
            await stream.until("counts")
            first = await elsewhere.case()
            assert json.loads(await stream.until("counts", SOONER))["newest_case"] == first.id
            redis_server.stop()
            lost = await elsewhere.case()
            assert json.loads(await stream.until("counts"))["newest_case"] == lost.id
            await stream.until("changed", SOONER)
            redis_server.start()
            last = await elsewhere.case()
            assert json.loads(await stream.until("counts"))["newest_case"] == last.id
    await elsewhere.database.close()
    await redis.aclose()


async def test_an_open_page_is_presence(office: Office, staff_url: str) -> None:
    officer = await office.person(Role.OFFICER)
    async with office.database.work() as work:
        assert not await handover.anyone_on_duty(work)
    async with listening(staff_url, officer) as stream:
        await stream.until("counts")
        async with office.database.work() as work:
            assert await handover.anyone_on_duty(work)


async def test_a_conversation_wakes_its_page(office: Office, staff_url: str) -> None:
    officer, unit = await office.person(Role.OFFICER), await office.person(Role.UNIT, "sifa")
    resident = await office.resident()
    query = f"?conversation={resident.conversation_id}"
    async with listening(staff_url, officer, query) as mine, listening(staff_url, unit, query) as theirs:
        await mine.until("counts")
        await theirs.until("counts")
        async with office.database.work() as work:
            work.wake(f"conversation:{resident.conversation_id}")
            await work.commit()
        await mine.until("conversation")
        assert theirs.heard == []


async def test_a_lost_wake_up_is_made_up_for(
    office: Office, staff_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_AGAIN", 0.2)
    officer, resident = await office.person(Role.OFFICER), await office.resident()
    async with listening(staff_url, officer, f"?conversation={resident.conversation_id}") as stream:
        await stream.until("counts")
        await office.hears(resident, "没有人叫醒这一页")
        await stream.until("conversation")
        monkeypatch.setattr(events, "HEARTBEAT", 0.3)
    async with listening(staff_url, officer) as stream:
        await stream.until("counts")
        await stream.until("changed", 2)


async def test_a_units_page_counts_nothing_of_the_centre(office: Office, staff_url: str) -> None:
    unit, resident = await office.person(Role.UNIT, "sifa"), await office.resident()
    await office.case(resident)
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await work.commit()
    async with listening(staff_url, unit) as stream:
        counts = json.loads(await stream.until("counts"))
    assert set(counts.values()) == {0}


async def test_the_stream_ends_with_the_session(
    office: Office, staff_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)
    officer = await office.person(Role.OFFICER)
    async with listening(staff_url, officer) as stream:
        await stream.until("counts")
        async with office.database.work() as work:
            await accounts.set_active(work, officer.member.id, False)
            await work.commit()
        await stream.until("ended")


async def test_the_stream_outlives_the_database(
    office: Office, staff_url: str, staff_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)
    monkeypatch.setattr(events, "AFTER_TROUBLE", 0.1)
    officer = await office.person(Role.OFFICER)
    parts = staff_app.state.parts
    async with listening(staff_url, officer) as stream:
        await stream.until("counts")
        there, broken = parts.database, Database("postgresql://nobody@127.0.0.1:1/none")
        object.__setattr__(parts, "database", broken)
        await stream.until("trouble")
        object.__setattr__(parts, "database", there)
        case = await office.case()
        while json.loads(await stream.until("counts"))["newest_case"] != case.id:
            pass
        await stream.until("changed")
        await broken.close()


async def test_a_burst_is_one_look(office: Office, staff_url: str) -> None:
    officer = await office.person(Role.OFFICER)
    async with listening(staff_url, officer) as stream:
        await stream.until("counts")
        stream.heard.clear()
        for _ in range(20):
            async with office.database.work() as work:
                work.wake("staff")
                await work.commit()
        await stream.until("changed")
        await asyncio.sleep(1.0)
        assert sum(name == "changed" for name, _ in stream.heard) < 5


async def test_strangers_hear_nothing(staff_url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{staff_url}/events")).status_code == 303
