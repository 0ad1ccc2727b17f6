"""Two real listeners: the one that asks for updates is killed, the other goes on, and it ends in one case."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from backend.cases import queries
from backend.cases.views import Actor
from backend.domain.lifecycle import Role
from backend.settings import Settings
from bot.compose import composed
from bot.worker import work_for_ever
from tests.fixtures.settings import MakeSettings
from tests.system.installation import free_port
from tests.telegram.emulator import TOKEN, Emulator
from tests.telegram.phone import Phone
from tests.telegram.test_conversations import NUMBER

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {"对吗": "1", "几号楼": "恒大名都8号楼", "请核对": "1"}


@contextlib.contextmanager
def listener(settings: Settings, emulator: Emulator, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A residents' listener in a process of its own, killed at the end."""
    assert settings.telegram_token is not None and settings.secret_key is not None
    fields = {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "PORT": str(free_port()),
        "PUBLIC_URL": settings.public_url,
        "NLU_URL": settings.nlu_url,
        "TELEGRAM_TOKEN": settings.telegram_token.get_secret_value(),
        "TELEGRAM_API_BASE": settings.telegram_api_base,
    }
    others = {name.upper(): "" for name in Settings.model_fields if name.endswith(("_token", "_secret"))}
    environment = {**os.environ, **others, **fields, "REDIS_URL": "", "PYTHONPATH": str(ROOT)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.serve", "residents"],
            cwd=log.parent,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def phone_of(emulator: Emulator, listening: Callable[[], bool]) -> Phone:
    """A resident whose updates are asked for, and who waits for what the bot says while `listening`."""
    written = itertools.count()

    async def queue(update: dict[str, Any]) -> int:
        emulator.pending.append(update)
        return 200

    async def after() -> None:
        before = len(phone.shown)
        while len(phone.shown) == before:
            assert listening(), "nobody is left who could hear"
            await asyncio.sleep(0.05)

    # Somebody who reads before answering: what comes at once after a question does not answer it.
    phone = Phone(emulator, queue, after, lambda: time.time() + 3 * next(written))
    return phone


async def test_the_listener_that_asks_is_killed_before_the_submission(
    telegram_settings: MakeSettings, emulator: Emulator, tmp_path: Path
) -> None:
    settings = telegram_settings(public_url="http://127.0.0.1:8000", nlu_url="http://127.0.0.1:9")
    log = tmp_path / "listeners.log"
    async with composed(settings) as made:
        working = asyncio.create_task(work_for_ever(made.parts, tick_seconds=0.2))
        with listener(settings, emulator, log) as first:
            while not emulator.called("getUpdates"):
                assert first.poll() is None, log.read_text()
                await asyncio.sleep(0.05)
            with listener(settings, emulator, log) as second:
                phone = phone_of(emulator, lambda: second.poll() is None)
                reply = await phone.say("物业费突然涨到2块8 谁同意的")
                while not NUMBER.search(reply):
                    if "请核对" in reply:
                        assert first.poll() is None, "it asked until now"
                        first.kill()
                    said = next((a for question, a in ANSWERS.items() if question in reply), "跳过")
                    reply = await phone.say(said)
        async with made.parts.database.work() as work:
            assert (await queries.list_cases(work, Actor(Role.ADMIN))).total == 1
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    for secret in (TOKEN, TOKEN.partition(":")[2], "2块8", "恒大名都", str(phone.user_id)):
        assert secret not in log.read_text()
