"""The database takes long, or all connections are busy: a message is kept, and answered later, once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from psycopg import AsyncConnection

from backend.db.database import Database
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import count, opened_account
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import DELIVERIES

MESSAGES = 10


async def keep_busy(database: Database, until: AsyncExitStack) -> None:
    """Take every connection that there is."""
    for _ in range(database._engine.pool.size()):  # type: ignore[attr-defined]
        work = await until.enter_async_context(database.work())
        await work.run("select 1", {})


async def test_who_finds_all_connections_busy_is_promised_an_answer(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    # Nothing here is about speed: no connection is free before all have been answered.
    limits = {"answer_within": timedelta(seconds=0.1), "keep_within": timedelta(seconds=8)}
    async with opened_account(wechat_settings(), emulator, clock, **limits) as account:
        phones = [account.phone() for _ in range(MESSAGES)]
        for phone in phones:
            emulator.user_did(phone.openid)
        async with AsyncExitStack() as busy:
            await keep_busy(account.parts.database, busy)
            answers = await asyncio.gather(
                *(
                    phone.deliver_once(phone.message("text", "<Content>楼上漏水漏到我家</Content>"))
                    for phone in phones
                )
            )
            assert {(answer.status_code, answer.text) for answer in answers} == {(200, "success")}
        await account.callback.finish()
        await account.jobs(seconds=11)
        await account.jobs(seconds=31)
        assert await count(account, "incoming_messages") == MESSAGES
        assert await count(account, "stashed_messages") == 0
        assert [len(emulator.texts(phone.openid)) for phone in phones] == [1] * MESSAGES


async def test_what_was_promised_to_nobody_is_answered_when_the_database_goes_on(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    """Nothing can be written for so long that WeChat gives up asking, and then all of it can."""
    limits = {"answer_within": timedelta(seconds=0.2), "keep_within": timedelta(seconds=0.2)}
    async with opened_account(wechat_settings(), emulator, clock, **limits) as account:
        phone = account.phone()
        xml = phone.message("text", "<Content>楼上漏水漏到我家</Content>")
        emulator.user_did(phone.openid)
        async with await AsyncConnection.connect(account.parts.database.conninfo) as stalled:
            await stalled.execute("lock table incoming_messages, stashed_messages in share mode")
            for _ in range(DELIVERIES):
                assert (await phone.deliver_once(xml)).status_code == 503
                clock.advance(seconds=5)
        await account.callback.finish()
        await account.jobs(seconds=21)
        await account.jobs(minutes=5)
        assert await count(account, "incoming_messages") == 1
        assert len(emulator.texts(phone.openid)) == 1


async def test_a_repetition_takes_what_the_response_before_gave_back(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    limits = {"answer_within": timedelta(seconds=0.2), "keep_within": timedelta(seconds=0.2)}
    async with opened_account(wechat_settings(), emulator, clock, **limits) as account:
        phone = account.phone()
        xml = phone.message("text", "<Content>楼上漏水漏到我家</Content>")
        emulator.user_did(phone.openid)
        async with await AsyncConnection.connect(account.parts.database.conninfo) as stalled:
            await stalled.execute("lock table incoming_messages, stashed_messages in share mode")
            assert (await phone.deliver_once(xml)).status_code == 503
        await account.callback.finish()
        clock.advance(seconds=5)
        assert await phone.deliver(xml)
        await account.jobs(minutes=5)
        assert emulator.texts(phone.openid) == []
