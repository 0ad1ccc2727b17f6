"""The model and Redis go away in the middle: intake goes on, and staff see what to check."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from nlu.server import running_server
from tests.fixtures.redis import RedisServer
from tests.system.installation import APP_ID, TOKEN, installation
from tests.system.resident import Resident
from tests.system.test_main_job import STORY, Officer, until
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone


@pytest.mark.usefixtures("trained_model")
async def test_redis_and_the_model_stopped(tmp_path: Path, redis_server: RedisServer) -> None:
    emulator = Emulator(APP_ID, "app-secret")
    rasa = ExitStack()
    model = rasa.enter_context(running_server())
    with (
        rasa,
        emulator.serving() as api,
        installation(tmp_path / "data", api, REDIS_URL=redis_server.url, NLU_URL=model) as home,
    ):
        officer = await Officer.logged_in(home)
        async with httpx.AsyncClient(timeout=20) as http:

            async def served(story: str, *, to_review: bool) -> None:
                phone = Phone(f"{home.url}/wechat", TOKEN, http, emulator=emulator)
                number = await Resident(phone, story).gets_a_number()
                assert (await officer.case(number))["needs_review"] is to_review
                await officer.solves(number)

                async def inbox() -> str:
                    return "\n".join(phone.inbox())

                await until(inbox, "住建局", "周五上门查看", "已办结")

            async def health() -> dict[str, str]:
                found: dict[str, str] = (await http.get(f"{home.url}/readyz")).json()
                return found

            await served(STORY, to_review=False)
            assert (await health())["redis"] == "ok"
            redis_server.stop()
            rasa.close()
            await served("小区电梯坏了半个月 物业一直不修", to_review=True)
            chatting = Phone(f"{home.url}/wechat", TOKEN, http, emulator=emulator)
            for i in range(5):
                # Words that no cache knows: each is a question to the stopped model.
                await chatting.say(f"楼下第{i}家店天天放音乐 吵得睡不着")
            answer = await http.get(f"{home.url}/readyz")
            assert answer.status_code == 200
            assert answer.json()["redis"] == "down"
            assert answer.json()["nlu"] == "down"
        await officer.http.aclose()
