"""Alive, ready, and measured."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from backend import health
from backend.app import create_app
from backend.conversations import alerts, handover, outbox
from backend.db.database import Database
from backend.health import NluHealth
from backend.settings import SettingsError, load_settings
from tests.fixtures.redis import RedisServer
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import Clock, Office


async def ask(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://staff.test") as client:
        return await client.get(path)


async def test_alive_and_ready(staff_app: FastAPI) -> None:
    assert (await ask(staff_app, "/healthz")).json() == {"status": "ok"}
    ready = await ask(staff_app, "/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "database": "ok",
        "nlu": "off",
        "model": None,
        "model_fit": "unknown",
        "redis": "off",
    }


async def test_only_the_database_decides(settings: MakeSettings) -> None:
    app = create_app(
        settings(
            database_url="postgresql://nobody@127.0.0.1:1/none",
            redis_url="redis://127.0.0.1:1/0",
            nlu_url="http://127.0.0.1:1",
        )
    )
    assert (await ask(app, "/healthz")).status_code == 200
    ready = await ask(app, "/readyz")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unavailable",
        "database": "down",
        "nlu": "loading",
        "model": None,
        "model_fit": "unknown",
        "redis": "down",
    }


async def test_redis_comes_and_goes(settings: MakeSettings, redis_server: RedisServer) -> None:
    app = create_app(settings(redis_url=redis_server.url))
    assert (await ask(app, "/readyz")).json()["redis"] == "ok"
    redis_server.stop()
    ready = await ask(app, "/readyz")
    assert (ready.status_code, ready.json()["redis"]) == (200, "down")
    redis_server.start()
    await app.state.parts.database.close()


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (409, "loading"), (500, "down"), (401, "down")])
async def test_the_models_server(status: int, state: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status)

    nlu = NluHealth("http://rasa.test:5005/", httpx.MockTransport(answer))
    assert await nlu.state() == state
    assert asked == ["http://rasa.test:5005/status"]


async def test_a_server_that_was_there_is_down_not_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    here = True

    def answer(_request: httpx.Request) -> httpx.Response:
        if here:
            return httpx.Response(200)
        raise httpx.ConnectError("gone")

    nlu = NluHealth("http://rasa.test:5005", httpx.MockTransport(answer))
    assert await nlu.state() == "ok"
    here = False
    assert await nlu.state() == "down"
    never = NluHealth("http://rasa.test:5005", httpx.MockTransport(answer))
    assert await never.state() == "loading"
    monkeypatch.setattr(health, "LOADS_WITHIN", 0.0)
    assert await never.state() == "down"


async def test_the_state_may_be_known_without_asking(database: Database) -> None:
    app = FastAPI()
    app.include_router(health.router(database, None, nlu_state=lambda: "loading"))
    assert (await ask(app, "/readyz")).json()["nlu"] == "loading"


def test_a_database_must_be_named() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        create_app(load_settings(_env_file=None, database_url=""))


async def test_metrics(office: Office, staff_app: FastAPI, clock: Clock) -> None:
    resident = await office.resident()
    case = await office.case(resident)
    async with office.database.work() as work:
        await handover.request(work, resident.conversation_id, "asked")
        await alerts.raise_alert(work, "crisis", resident.conversation_id)
        await outbox.post(work, resident.conversation_id, kind="notice", literal="您好")
        await work.commit()
    assert case.due_at is not None
    clock.forward(days=15)
    assert (await ask(staff_app, f"/cases/{case.number}")).status_code == 303
    assert (await ask(staff_app, "/no/such/page")).status_code == 404
    assert (await ask(staff_app, f"/api/cases/{case.number}")).status_code == 401
    text = (await ask(staff_app, "/metrics")).text
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["fengqiao_outgoing_messages", "queued"] == 1
    assert found["fengqiao_jobs", "todo"] == found["fengqiao_waiting_jobs", "replies.web"] == 1
    assert found["fengqiao_jobs", "doing"] == 0
    assert found["fengqiao_waiting_chats",] == 1
    assert found["fengqiao_open_alerts",] == 1
    assert found["fengqiao_overdue_cases",] == 1
    assert found["fengqiao_staff_requests_total", "/cases/{number}", "303", "GET"] == 1
    assert found["fengqiao_staff_requests_total", "404", "GET", "other"] == 1
    assert found["fengqiao_staff_requests_total", "/api/cases/{number}", "401", "GET"] == 1
    assert case.number not in text
