"""A database too slow for many messages at once: each is kept and promised in time, answered later, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import psycopg

from tests.fixtures.settings import MakeSettings
from tests.wechat.account import count, opened_account
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator

AT_ONCE = 60
SLOWLY = """
create function slowly() returns trigger language plpgsql as
$$ begin perform pg_sleep(1.0); return new; end $$;
create trigger slowly before insert on incoming_messages for each row execute function slowly();
"""


async def test_who_finds_all_connections_busy_is_promised_an_answer(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    settings = wechat_settings()
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(SLOWLY)
    async with opened_account(settings, emulator, clock, answer_within=timedelta(seconds=0.5)) as account:
        phones = [account.phone() for _ in range(AT_ONCE)]
        for phone in phones:
            emulator.user_did(phone.openid)

        async def say(number: int) -> tuple[int, str]:
            phone = phones[number]
            xml = phone.message("text", f"<Content>楼上漏水漏到我家第{number}间</Content>")
            response = await phone.deliver_once(xml)
            return response.status_code, response.text

        answers = await asyncio.gather(*(say(number) for number in range(AT_ONCE)))
        assert Counter(answers) == {(200, "success"): AT_ONCE}
        await account.callback.finish()
        await account.jobs(seconds=11)
        await account.jobs(seconds=31)
        assert await count(account, "incoming_messages") == AT_ONCE
        assert await count(account, "stashed_messages") == 0
        assert [len(emulator.texts(phone.openid)) for phone in phones] == [1] * AT_ONCE
