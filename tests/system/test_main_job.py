"""The main job over real processes: chat to number, staff over the API, survey, the next round."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.installation import (
    ADMIN_PASSWORD,
    AES_KEY,
    APP_ID,
    TOKEN,
    Installation,
    installation,
)
from tests.system.resident import ANSWERS, NUMBER, Resident
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

STORY = "物业费突然涨到2块8 谁同意的"
PATIENCE = 30


class Officer:
    """Somebody at the JSON API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @classmethod
    async def logged_in(cls, home: Installation) -> Officer:
        http = httpx.AsyncClient(base_url=home.staff_url, timeout=20)
        answer = await http.post("/api/token", data={"username": "admin", "password": ADMIN_PASSWORD})
        answer.raise_for_status()
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return cls(http)

    async def case(self, number: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/cases/{number}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def act(self, number: str, action: str, **given: str) -> httpx.Response:
        version = (await self.case(number))["version"]
        return await self.http.post(
            f"/api/cases/{number}/actions/{action}", json={"version": version, **given}
        )

    async def solves(self, number: str) -> None:
        for action, given in (
            ("accept", {}),
            ("assign", {"unit": "zhujian"}),
            ("note", {"text": "周五上门查看"}),
            ("resolve", {"text": "已恢复原价"}),
        ):
            answer = await self.act(number, action, **given)
            assert answer.status_code == 200, answer.text


async def until(look: Callable[[], Awaitable[str]], *words: str) -> None:
    """Wait until everything was said; raises AssertionError with what was."""
    seen = ""
    for _ in range(PATIENCE * 5):
        seen = await look()
        if all(word in seen for word in words):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{words} not all in {seen}")


@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_over_wechat(tmp_path: Path, mode: str, rasa_url: str) -> None:
    emulator = Emulator(APP_ID, "app-secret")
    with (
        emulator.serving() as api,
        installation(tmp_path / "data", api, FOLLOW_UP_AFTER="PT5S", NLU_URL=rasa_url) as home,
    ):
        officer = await Officer.logged_in(home)
        async with httpx.AsyncClient(timeout=20) as http:
            safe = {"app_id": APP_ID, "aes_key": AES_KEY} if mode == "safe" else {}
            phone = Phone(f"{home.url}/wechat", TOKEN, http, emulator=emulator, **safe)  # type: ignore[arg-type]

            async def inbox() -> str:
                return "\n".join(phone.inbox())

            number = await Resident(phone, STORY).gets_a_number()
            assert (await officer.case(number))["needs_review"] is False, "the model was sure"
            await officer.solves(number)
            await until(inbox, "已受理", "住建局", "周五上门查看", "已办结", "您满意吗")
            again = await phone.say("1")
            assert again is not None and "第2轮" in again
            case = await officer.case(number)
            assert (case["status"], case["round"]) == ("assigned", 2)
            assert "记下了" in (await phone.say("说好降价没降") or "")
        await officer.http.aclose()


async def test_over_the_web_chat(tmp_path: Path, rasa_url: str) -> None:
    with installation(
        tmp_path / "data", "http://127.0.0.1:9", FOLLOW_UP_AFTER="PT5S", NLU_URL=rasa_url
    ) as home:
        officer = await Officer.logged_in(home)
        async with httpx.AsyncClient(base_url=home.url, timeout=20) as http:
            await http.get("/")

            async def say(text: str) -> str:
                answer = await http.post(
                    "/chat/messages",
                    json={"id": str(uuid.uuid4()), "kind": "text", "text": text},
                    headers={"X-Requested-With": "fengqiao", "Origin": home.url},
                )
                assert answer.status_code == 200, answer.text
                return "\n".join(message["text"] for message in answer.json()["messages"])

            async def history() -> str:
                return str((await http.get("/chat/history")).json())

            reply = await say(STORY)
            for _ in range(10):
                if found := re.search(NUMBER, reply):
                    break
                reply = await say(next((a for words, a in ANSWERS if words in reply), "跳过"))
            assert found, reply
            number = found[0]
            await officer.solves(number)
            await until(history, "已受理", "住建局", "周五上门查看", "已办结", "您满意吗")
            assert "第2轮" in await say("1")
            assert (await officer.case(number))["round"] == 2
        await officer.http.aclose()
