"""Rasa beside the other processes: trained when the data changed, started, announced when it answers."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import httpx

from bot.child import Child, Program, Say
from nlu.train import TrainError, model_path, rasa_python, server_command, server_environment

LOOK_SECONDS = 1.0


class LanguageModel:
    """Keeps the model's server running; whatever fails here, the chat goes on by keywords."""

    def __init__(self, port: int, data_dir: Path, logs: Path, say: Say, workers: int = 0) -> None:
        """The server will answer on 127.0.0.1:`port`, in as many processes as `workers` (0: it chooses)."""
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._data_dir = data_dir
        self._logs = logs
        self._say = say
        self._workers = workers
        self._child: Child | None = None
        self._stopping = False

    async def keep(self) -> None:
        """Train if there is no model of the present data, then run its server until `stop`."""
        try:
            rasa_python()
            if not model_path(self._data_dir).exists() and not await self._train():
                return
            command = server_command(self._port, self._data_dir, self._workers)
        except TrainError as error:
            self._say(f"No language model: {error} Until then the chat sorts by keywords.")
            return
        if self._stopping:
            return
        self._say("Language model: loading (until it answers, the chat sorts by keywords).")
        announcing = asyncio.create_task(self._announce())
        server = Program("rasa", command, server_environment())
        self._child = Child(server, self._logs, self._say)
        try:
            await self._child.keep()
        finally:
            announcing.cancel()

    async def stop(self) -> None:
        """End the training or the server."""
        self._stopping = True
        if self._child is not None:
            await self._child.stop()

    async def _train(self) -> bool:
        environment = {**os.environ, "DATA_DIR": str(self._data_dir)}
        # It takes a core for one to five minutes: residents who write meanwhile come first.
        command = ["nice", "-n", "10", sys.executable, "-m", "nlu.train"]
        training = Program("training", command, environment)
        self._child = Child(training, self._logs, self._say, heard=self._say)
        code = await self._child.run_once()
        if code and not self._stopping:
            self._say("Language model: not trained; the chat sorts by keywords until `make train` succeeds.")
        return code == 0

    async def _announce(self) -> None:
        async with httpx.AsyncClient(timeout=LOOK_SECONDS, trust_env=False) as client:
            while True:
                if await _answers(client, f"{self.url}/status"):
                    self._say("Language model: ready.")
                    return
                await asyncio.sleep(LOOK_SECONDS)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
