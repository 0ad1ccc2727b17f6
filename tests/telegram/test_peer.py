"""Another implementation of the Bot API's server (npm telegram-test-api): one conversation to a case number.

It knows words alone: its taps lack `chat_instance`, which the Bot API has had since 2016.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.telegram.registration import REGISTRATION
from tests.fixtures.needs import missing
from tests.fixtures.settings import MakeSettings
from tests.system.installation import free_port
from tests.telegram.emulator import TOKEN, Emulator
from tests.telegram.installed import Installed, count, installed
from tests.telegram.test_conversations import NUMBER
from tests.wechat.clock import SimulatedClock

ROOT = Path(__file__).parents[2]
CHAT = 5_000_777


@pytest.fixture
def peer_url() -> Iterator[str]:
    """The other program, in a process of its own."""
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
    if node is None or not (ROOT / "node_modules" / "telegram-test-api").is_dir():
        missing("no node, or its packages for tests are not installed (bot/setup.sh peers)")
    port = free_port()
    process = subprocess.Popen(
        [node, "--no-deprecation", str(Path(__file__).parent / "peer.js"), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    yield f"http://127.0.0.1:{port}"
    process.communicate()


class Peer:
    """A resident at the other server."""

    def __init__(self, http: httpx.AsyncClient, bot: Installed) -> None:
        self.http = http
        self.bot = bot
        self.shown: list[dict[str, Any]] = []

    async def say(self, text: str) -> str:
        """Write, and wait for what the bot says."""
        person = {"id": CHAT, "first_name": "芳", "is_bot": False}
        chat = {"id": CHAT, "first_name": "芳", "type": "private"}
        message = {"botToken": TOKEN, "from": person, "chat": chat, "date": int(time.time()), "text": text}
        assert (await self.http.post("/sendMessage", json=message)).json()["ok"]
        while True:
            await self.bot.jobs(seconds=3)
            asked = {"token": TOKEN, "chatId": CHAT}
            new = (await self.http.post("/getUpdates", json=asked)).json()["result"]
            if new:
                self.shown += [update["message"] for update in new]
                return "\n".join(update["message"]["text"] for update in new)


async def test_a_case_number_from_another_server(
    telegram_settings: MakeSettings, peer_url: str, clock: SimulatedClock, unhurried: None
) -> None:
    settings = telegram_settings(telegram_api_base=peer_url, public_url="http://127.0.0.1:8000")
    assert REGISTRATION.beside is not None
    async with installed(settings, Emulator(), clock) as bot, httpx.AsyncClient(base_url=peer_url) as http:
        asking = asyncio.create_task(REGISTRATION.beside(bot.listening, bot.channel))  # type: ignore[arg-type]
        peer = Peer(http, bot)
        assert "【物业】" in await peer.say("物业费突然涨到2块8 谁同意的")
        keyboard = peer.shown[-1]["reply_markup"]["inline_keyboard"]
        assert [button["text"] for button in keyboard[0]] == ["1 对", "2 不对"]
        for said in ("1", "恒大名都8号楼", "跳过", "跳过"):
            reply = await peer.say(said)
        assert "请核对" in reply
        assert NUMBER.search(await peer.say("1"))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert await count(bot, "cases") == 1
