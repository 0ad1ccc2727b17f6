"""`kill -9` between the commit and the response, and WeChat does not ask again: the reply comes anyway."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import httpx
import psycopg
import pytest

from backend.conversations import listeners
from bot import worker
from bot.compose import composed
from tests.fixtures.settings import MakeSettings
from tests.system.installation import free_port
from tests.wechat import dying
from tests.wechat.conftest import TOKEN
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone


async def test_the_reply_that_died_with_its_listener_is_pushed(
    wechat_settings: MakeSettings, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "LOST_AFTER", timedelta(seconds=3))
    monkeypatch.setattr(worker, "TAKE_BACK_SECONDS", 0.5)
    settings, port = wechat_settings(), free_port()
    listener = dying.started(settings, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            async with asyncio.timeout(60):
                while not await _is_up(http):
                    await asyncio.sleep(0.1)
            phone = Phone("/wechat", TOKEN, http)
            emulator.user_did(phone.openid)
            with pytest.raises(httpx.HTTPError):
                await phone.deliver_once(phone.message("text", "<Content>楼上漏水三个月了</Content>"))
    finally:
        listener.kill()
        listener.wait()
    with psycopg.connect(settings.database_url) as connection:
        kept = connection.execute("select state, way from outgoing_messages").fetchall()
    assert kept == [("sent", "passive")], "nobody but the dead process knows better"
    async with composed(settings) as made:
        working = asyncio.create_task(worker.work_for_ever(made.parts))
        async with asyncio.timeout(20):
            while not emulator.texts(phone.openid):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.5)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    assert len(emulator.texts(phone.openid)) == 1


async def test_one_that_is_told_to_stop_leaves_nothing_to_be_pushed(
    wechat_settings: MakeSettings, emulator: Emulator
) -> None:
    settings, port = wechat_settings(), free_port()
    listener = dying.started(settings, port, dying.LIVING)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            async with asyncio.timeout(60):
                while not await _is_up(http):
                    await asyncio.sleep(0.1)
            phone = Phone("/wechat", TOKEN, http)
            answer = await phone.deliver_once(phone.message("text", "<Content>楼上漏水三个月了</Content>"))
            assert "<xml>" in answer.text
        with psycopg.connect(settings.database_url) as connection:
            carried = connection.execute(
                "select l.name from listeners l join outgoing_messages o on o.carried_by = l.name"
            ).fetchall()
        assert len(carried) == 1
        listener.terminate()
        await asyncio.to_thread(listener.wait, 20)
    finally:
        listener.kill()
        listener.wait()
    with psycopg.connect(settings.database_url) as connection:
        assert connection.execute("select * from listeners").fetchall() == []


async def _is_up(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False
