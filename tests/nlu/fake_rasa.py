"""A small HTTP server in the place of Rasa's, to be slow, wrong or silent on demand."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from nlu.understanding import CATEGORIES

ANSWER: dict[str, Any] = {
    "text": "物业费",
    "intent": {"name": "物业", "confidence": 0.8},
    "entities": [],
    "intent_ranking": [
        {"name": "物业", "confidence": 0.8},
        {"name": "greeting", "confidence": 0.1},
        {"name": "邻里", "confidence": 0.06},
        {"name": "其他", "confidence": 0.02},
        {"name": "劳资", "confidence": 0.01},
        {"name": "家事", "confidence": 0.01},
    ],
}


def answer(intent: str, confidence: float = 0.97) -> dict[str, Any]:
    """What Rasa says of a text with this intent."""
    ranking = [{"name": intent, "confidence": confidence}]
    ranking += [{"name": n, "confidence": (1 - confidence) / 4} for n in CATEGORIES if n != intent]
    return {"intent": ranking[0], "entities": [], "intent_ranking": ranking}


class FakeRasa:
    """Counts what it is asked and answers with `answer`, after `delay` seconds, with `status`.

    `answers` and `delays` hold what differs for a text.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.connections: set[int] = set()
        self.answer: object = ANSWER
        self.answers: dict[str, object] = {}
        self.delays: dict[str, float] = {}
        self.body: bytes | None = None
        self.status = 200
        self.delay = 0.0
        self.dying = 0
        """How many requests yet to come end with their connection cut: a process that was killed."""
        self.model_file: object = "0123456789abcdef.tar.gz"
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_post("/model/parse", self._parse)
        app.router.add_get("/status", self._status)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _parse(self, request: web.Request) -> web.Response:
        text = (await request.json())["text"]
        self.asked.append(text)
        assert request.transport is not None
        self.connections.add(id(request.transport))
        if self.dying:
            self.dying -= 1
            request.transport.abort()
        await asyncio.sleep(self.delays.get(text, self.delay))
        if self.body is not None:
            return web.Response(body=self.body, status=self.status, content_type="application/json")
        return web.json_response(self.answers.get(text, self.answer), status=self.status)

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response({"model_file": self.model_file, "model_id": "x"})
