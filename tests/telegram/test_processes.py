"""Real processes under their supervisor: the one that asks is killed, and still it ends in one case."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import httpx

from tests.system.installation import ADMIN_PASSWORD, Installation, installation
from tests.telegram.emulator import TOKEN, Emulator
from tests.telegram.phone import Phone
from tests.telegram.test_conversations import NUMBER

PATIENCE = 60
ANSWERS = {"对吗": "1", "几号楼": "恒大名都8号楼", "请核对": "1"}


def phone_of(emulator: Emulator) -> Phone:
    """A resident whose updates are asked for, and who waits for what the bot says to them."""

    async def queue(update: dict[str, Any]) -> int:
        emulator.pending.append(update)
        return 200

    async def after() -> None:
        before, deadline = len(phone.shown), time.monotonic() + PATIENCE
        while len(phone.shown) == before and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    phone = Phone(emulator, queue, after, time.time)
    return phone


def cases(made: Installation) -> int:
    """How many cases the JSON API lists."""
    with httpx.Client(base_url=made.staff_url) as http:
        login = {"username": "admin", "password": ADMIN_PASSWORD}
        token = http.post("/api/token", data=login).json()["access_token"]
        answer = http.get("/api/cases", headers={"Authorization": f"Bearer {token}"})
    return int(answer.json()["total"])


async def test_the_listener_that_asks_is_killed_before_the_submission(tmp_path: Path) -> None:
    emulator, chance = Emulator(), random.Random(7)
    with (
        emulator.serving() as api,
        installation(
            tmp_path / "data", "http://127.0.0.1:9/", TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_BASE=api
        ) as made,
    ):
        phone = phone_of(emulator)
        reply = await phone.say("物业费突然涨到2块8 谁同意的")
        for _ in range(12):
            if NUMBER.search(reply):
                break
            if "请核对" in reply:
                assert made.kill("residents", chance)
            said = next((answer for question, answer in ANSWERS.items() if question in reply), "跳过")
            reply = await phone.say(said)
        assert NUMBER.search(reply)
        assert cases(made) == 1
        logs = "".join(path.read_text() for path in (tmp_path / "data" / "logs").glob("*.log"))
        for secret in (TOKEN, TOKEN.partition(":")[2], "2块8", "恒大名都", str(phone.user_id)):
            assert secret not in logs
