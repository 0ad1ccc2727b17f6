"""The residents' listener as it runs in use: uvicorn on a port of its own, and a worker beside it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest_asyncio
import uvicorn

from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, Given
from backend.domain.lifecycle import Action, Role
from backend.settings import Settings
from bot.app import create_app
from bot.compose import composed
from bot.serve import KEEP_ALIVE_SECONDS
from bot.worker import work_for_ever
from handlers.parts import Parts
from tests.fixtures.serving import Server
from tests.fixtures.settings import MakeSettings

NUMBER = re.compile(r"FQ\d{4}-\d{6}")
OFFICER = Actor(Role.OFFICER)
_ids = itertools.count(1)


@dataclass
class Listener:
    """A listener that a test may stop and start; `parts` are the test's own, on the same database."""

    settings: Settings
    parts: Parts
    url: str
    _newest_before: int = 0
    """The newest case that was there before this test."""
    _server: Server | None = None
    _serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns when requests are answered."""
        config = uvicorn.Config(
            create_app(self.settings),
            host="127.0.0.1",
            port=self.settings.port,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        self._server = Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            assert not self._serving.done(), "the listener ended at its start"
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop as at a restart: open pages are cut off."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._server = None

    async def cases(self) -> list[CaseView]:
        """All cases of this test, oldest first."""
        async with self.parts.database.work() as work:
            page = await queries.list_cases(work, Actor(Role.ADMIN), limit=1000)
        mine = (case for case in page.cases if case.id > self._newest_before)
        return sorted(mine, key=lambda case: case.id)

    async def begin(self) -> None:
        """Another test of the file begins: the cases that are there are not its own."""
        self._newest_before = max((case.id for case in await self.cases()), default=self._newest_before)

    async def act(self, number: str, action: Action, **given: str) -> CaseView:
        """Staff act on a case; the worker does what follows."""
        async with self.parts.database.work() as work:
            rules = await self.parts.rules.current(work)
            case = await queries.find(work, number, Actor(Role.ADMIN))
            case = await service.act(work, rules, case.id, action, OFFICER, Given(**given))
            await work.commit()
        return case

    def phone(self) -> Phone:
        """A browser without any cookie."""
        return Phone(httpx.AsyncClient(base_url=self.url, timeout=20, verify=False))


@dataclass
class Phone:
    """One device's requests, as the page makes them."""

    http: httpx.AsyncClient
    answers: list[dict[str, Any]] = field(default_factory=list)

    async def post(self, message_id: str = "", **body: Any) -> httpx.Response:
        """Post a message as JSON."""
        fields = {"id": message_id or f"m{next(_ids)}", "kind": "text"} | body
        return await self.http.post("/chat/messages", json=fields)

    async def photo(self, content: bytes, message_id: str = "", **headers: str) -> httpx.Response:
        """Post a file."""
        return await self.http.post(
            "/chat/messages",
            data={"id": message_id or f"m{next(_ids)}", "kind": "image"},
            files={"file": ("photo.jpg", content, "image/jpeg")},
            headers={"X-Requested-With": "chat"} | headers,
        )

    async def say(self, text: str) -> str:
        """Post words; the words of the reply."""
        answer = (await self.post(text=text)).raise_for_status().json()
        self.answers.append(answer)
        return "\n".join(message["text"] for message in answer["messages"])

    async def choose(self, choice: str) -> str:
        """Tap a choice of the last reply; the words of the reply."""
        prompt = self.answers[-1]["messages"][-1]
        response = await self.post(kind="choice", choice=choice, prompt_id=prompt["id"])
        answer = response.raise_for_status().json()
        self.answers.append(answer)
        return "\n".join(message["text"] for message in answer["messages"])

    async def history(self) -> list[dict[str, Any]]:
        """The conversation as the page reads it."""
        items: list[dict[str, Any]] = (await self.http.get("/chat/history")).json()["items"]
        return items

    async def gets_a_number(self, story: str = "楼上漏水漏到我家，物业一直不管") -> str:
        """Tell a story and answer until the case number comes."""
        words = await self.say(story)
        for _ in range(15):
            if found := NUMBER.search(words):
                return found[0]
            choices = [c["id"] for c in self.answers[-1]["messages"][-1]["choices"]]
            wanted = next((c for c in ("submit", "yes", "property", "other") if c in choices), None)
            words = await (self.choose(wanted) if wanted else self.say("跳过"))
        raise AssertionError(words)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def serving(
    settings: MakeSettings, *, worker: bool = True, **fields: object
) -> AsyncIterator[Listener]:
    """A started listener, and a worker unless a test goes without."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    chosen = settings(port=port, public_url=url, **{"quiet_hours": ""} | fields)
    async with composed(chosen) as made:
        working = asyncio.create_task(work_for_ever(made.parts, tick_seconds=0.2)) if worker else None
        listener = Listener(chosen, made.parts, url)
        await listener.start()
        try:
            yield listener
        finally:
            await listener.stop()
            if working is not None:
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working


@pytest_asyncio.fixture
async def own_listener(settings: MakeSettings) -> AsyncIterator[Listener]:
    """A listener with the settings of `make run`, of this test alone: it may stop it or count its tasks."""
    async with serving(settings) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def file_listener(file_settings: MakeSettings) -> AsyncIterator[Listener]:
    """The same for the tests of a file."""
    async with serving(file_settings) as made:
        yield made


@pytest_asyncio.fixture
async def listener(file_listener: Listener) -> Listener:
    """The file's listener, whose residents are strangers to those of other tests; not to be stopped."""
    await file_listener.begin()
    return file_listener
