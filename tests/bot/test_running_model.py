"""The running model's fingerprint on both listeners: whose it is, and what it costs when Rasa is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

import backend.app
import backend.health
import bot.app
import bot.staff
from backend import running_model
from backend.running_model import Model, RunningModel
from tests.fixtures.settings import MakeSettings
from tests.nlu.fake_rasa import FakeRasa

RUNNING = "0123456789abcdef"
"""What the fake server says."""


@pytest_asyncio.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    server = FakeRasa()
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here.test") as http,
    ):
        yield http


class Listeners:
    """Either listener with a model's server at `url`."""

    def __init__(self, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
        self._settings, self._patch = settings, monkeypatch

    def open(self, name: str, url: str, present: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        chosen = self._settings(nlu_url=url)
        if name == "staff":
            return opened(backend.app.create_app(chosen, present_model=lambda: present))
        self._patch.setattr(bot.app, "current_hash", lambda: present)
        return opened(bot.app.create_app(chosen))


@pytest.fixture
def listeners(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> Listeners:
    return Listeners(settings, monkeypatch)


@pytest.mark.parametrize("name", ["staff", "residents"])
@pytest.mark.parametrize(("present", "fit"), [(RUNNING, "current"), ("fedcba9876543210", "stale")])
async def test_readyz_shows_the_running_model(
    listeners: Listeners, rasa: FakeRasa, name: str, present: str, fit: str
) -> None:
    async with listeners.open(name, rasa.url, present) as http:
        ready = (await http.get("/readyz")).json()
    assert (ready["nlu"], ready["model"], ready["model_fit"]) == ("ok", RUNNING, fit)


@pytest.mark.parametrize("name", ["staff", "residents"])
async def test_without_rasa_there_is_no_model_to_show(
    listeners: Listeners, rasa: FakeRasa, name: str
) -> None:
    await rasa.stop()
    async with listeners.open(name, rasa.url, RUNNING) as http:
        answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() | {"nlu": "loading", "model": None, "model_fit": "unknown"} == answer.json()


def test_the_staff_listener_compares_with_the_data_here(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    monkeypatch.setattr(bot.staff, "load_settings", settings)
    monkeypatch.setattr(backend.app, "RunningModel", lambda _ask, present: given.append(present))
    app = bot.staff.create_app()
    assert given == [bot.staff.current_hash]
    assert app.state.parts.in_chinese is bot.staff.in_chinese, "and says in Chinese what residents were told"


class Told:
    """A server's name for its model, counted; `seconds` is how long it thinks."""

    def __init__(self, name: str | None, seconds: float = 0.0) -> None:
        self.name, self.seconds, self.times = name, seconds, 0

    async def __call__(self) -> str | None:
        self.times += 1
        await asyncio.sleep(self.seconds)
        return self.name


async def test_an_answer_counts_for_a_while() -> None:
    now = 100.0
    told = Told("old")
    model = RunningModel(told, lambda: "new", lambda: now)
    assert await model.look() == Model("old", "stale")
    told.name = "new"
    now += running_model.KNOWN_SECONDS - 1
    assert await model.look() == Model("old", "stale")
    now += 1
    assert (await model.look(), told.times) == (Model("new", "current"), 2)


async def test_a_server_that_thinks_too_long_is_asked_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running_model, "ASK_SECONDS", 0.01)
    told = Told("late", seconds=60)
    model = RunningModel(told, lambda: "late", lambda: 5.0)
    assert [await model.look() for _ in range(3)] == [Model()] * 3
    assert told.times == 1


@pytest.mark.parametrize("name", [None, "a"])
async def test_data_that_cannot_be_read_say_nothing(name: str | None) -> None:
    def unreadable() -> str:
        raise PermissionError

    assert await RunningModel(Told(name), unreadable).look() == Model(name)
    assert await RunningModel(Told(name), None).look() == Model(name)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"model_file": null}'])
async def test_a_server_that_does_not_say_has_no_name(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=body))
    health = backend.health.NluHealth("http://rasa.test", transport)
    assert await health.model() is None
