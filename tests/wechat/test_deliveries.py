"""Three deliveries of one message, wherever they arrive; a slow Rasa; an allowance that is used up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio

from backend.conversations import entry, outbox
from backend.conversations.views import Sender
from bot.wechat.callback import CALLBACKS
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import Account, count, opened_account, slow
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

STORY = "楼上漏水三个月了，找物业没人管"


@dataclass
class Two:
    """Two listeners of one installation; the first works on nothing until its gate is opened."""

    slow: Account
    quick: Account
    gate: asyncio.Event

    def phones(self, *, safe: bool = False) -> tuple[Phone, Phone]:
        """One resident, whose messages are delivered to either."""
        first = self.slow.phone(safe=safe)
        return first, replace(first, http=self.quick.http)


@pytest_asyncio.fixture
async def two(wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock) -> AsyncIterator[Two]:
    gate, settings = asyncio.Event(), wechat_settings()
    patience = timedelta(minutes=1)
    async with (
        opened_account(settings, emulator, clock, answer_within=patience, around=slow(gate)) as first,
        opened_account(settings, emulator, clock, answer_within=patience) as second,
    ):
        yield Two(first, second, gate)


@pytest.mark.parametrize("safe", [False, True])
async def test_again_in_another_process_while_the_first_still_works(two: Two, safe: bool) -> None:
    first, second = two.phones(safe=safe)
    xml = first.message("text", f"<Content>{STORY}</Content>")
    hanging = asyncio.create_task(first.deliver_once(xml))
    await asyncio.sleep(0)
    replies = [second.read((await second.deliver_once(xml)).content) for _ in range(2)]
    two.gate.set()
    replies.append(first.read((await hanging).content))
    assert replies[0] and len(set(replies)) == 1, "three times the same"
    assert await count(two.quick, "incoming_messages") == 1
    assert await count(two.quick, "outgoing_messages") == 1
    await two.quick.jobs(minutes=1)
    assert two.quick.emulator.sent == [], "and nothing a fourth time"


async def test_all_three_at_once_in_two_processes(two: Two) -> None:
    two.gate.set()
    first, second = two.phones()
    xml = first.message("text", f"<Content>{STORY}</Content>")
    answers = await asyncio.gather(*(phone.deliver_once(xml) for phone in (first, second, second)))
    assert len({answer.content for answer in answers}) == 1
    assert await count(two.quick, "incoming_messages") == 1


async def test_the_first_process_dies_and_the_second_delivery_is_answered(two: Two) -> None:
    first, second = two.phones()
    xml = first.message("text", f"<Content>{STORY}</Content>")
    dying = asyncio.create_task(first.deliver_once(xml))
    await asyncio.sleep(0)
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await dying
    for task in list(two.slow.callback._unfinished):
        task.cancel()
    assert await second.deliver(xml)
    assert await count(two.quick, "incoming_messages") == 1


async def test_a_promise_is_kept_although_another_delivery_was_answered(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    """The first process acknowledges late, and the connection is gone: WeChat delivers elsewhere."""
    gate, settings = asyncio.Event(), wechat_settings()
    moment = timedelta(seconds=0.1)
    async with (
        opened_account(settings, emulator, clock, answer_within=moment, around=slow(gate)) as late,
        opened_account(settings, emulator, clock) as quick,
    ):
        phone = late.phone()
        xml = phone.message("text", f"<Content>{STORY}</Content>")
        assert (await phone.deliver_once(xml)).content == b"success"
        clock.advance(seconds=1)
        assert await replace(phone, http=quick.http).deliver(xml)
        gate.set()
        await late.callback.finish()
        await quick.jobs(minutes=1)
        assert emulator.texts(phone.openid) == [], "what was read is not said again"
        assert await count(quick, "stashed_messages") == 0


async def test_a_rasa_that_never_answers_is_within_wechats_five_seconds(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    connections = []

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    late = CALLBACKS.labels("late")._value.get()
    async with opened_account(
        wechat_settings(nlu_url=f"http://127.0.0.1:{port}"),
        emulator,
        clock,
        answer_within=timedelta(minutes=1),
    ) as account:
        phone = account.phone()
        phone.hang_up_seconds = 60
        assert "【物业】" in (await phone.say("物业费突然涨到2块8 谁同意的") or ""), "keywords answer"
        assert connections, "Rasa was asked"
        assert CALLBACKS.labels("late")._value.get() == late
    for writer in connections:
        writer.close()
    server.close()


@pytest.mark.parametrize("redis", ["none", "away"])
async def test_the_sixth_message_waits_for_the_next_contact(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock, redis: str
) -> None:
    """What WeChat allows is counted in PostgreSQL: with Redis away it is the same."""
    settings = wechat_settings(redis_url="redis://127.0.0.1:1/0" if redis == "away" else "")
    async with opened_account(settings, emulator, clock) as account:
        phone = account.phone()
        await phone.say(STORY)
        async with account.parts.database.work() as work:
            conversation = await entry.lock(work, Sender("wechat", phone.openid))
            for number in range(1, 8):
                await outbox.post(work, conversation.conversation_id, kind="chat", literal=f"第{number}句")
            await work.commit()
        await account.jobs()
        assert emulator.texts(phone.openid) == [f"第{number}句" for number in range(1, 6)]
        assert emulator.calls.count("cgi-bin/message/custom/send") == 5, "WeChat is not even asked"
        assert await count(account, "outgoing_messages where state = 'held' and reason = 'next_contact'") == 2
        account.clock.advance(seconds=10)
        reply = await phone.say("在吗") or ""
        assert reply.index("第6句") < reply.index("第7句")
