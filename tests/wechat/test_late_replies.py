"""A handler slower than WeChat waits: acknowledged, kept, worked on for certain, answered once by a push."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from backend.db.database import DatabaseUnavailable
from bot.wechat.apis import TYPING
from bot.wechat.callback import CALLBACKS, Callback, Handle
from bot.wechat.gate import Gate, Query
from bot.wechat.news import News
from handlers import announcing
from handlers.incoming import Handled
from handlers.messages import IncomingMessage
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import count, failing, opened_account, slow
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import TOKEN
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 100
STORY = "楼上漏水三个月了，找物业没人管"


def outcomes(name: str) -> float:
    return float(CALLBACKS.labels(name)._value.get())


async def test_a_late_reply_is_pushed_once(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    gate = asyncio.Event()
    limit = timedelta(seconds=0.2)
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=limit, around=slow(gate)
    ) as account:
        phone = account.phone()
        late = outcomes("late")
        assert await phone.say(STORY) is None
        assert outcomes("late") == late + 1
        assert await count(account, "incoming_messages") == 0
        gate.set()
        await account.callback.finish()
        assert await count(account, "incoming_messages") == 1
        await account.jobs()
        assert len(emulator.texts(phone.openid)) == 1, "nobody waits for what no response will carry"
        assert await count(account, "stashed_messages") == 0
        await account.jobs(minutes=5)
        assert len(emulator.texts(phone.openid)) == 1
        assert phone.replies == []


async def test_a_repetition_after_the_push_says_nothing_twice(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    gate = asyncio.Event()
    limit = timedelta(seconds=0.2)
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=limit, around=slow(gate)
    ) as account:
        phone = account.phone()
        xml = phone.message("text", f"<Content>{STORY}</Content>")
        assert await phone.deliver(xml) is None
        gate.set()
        await account.callback.finish()
        await account.jobs(seconds=21)
        assert len(emulator.texts(phone.openid)) == 1
        assert (await phone.deliver_once(xml)).content == b"success"


async def test_without_customer_service_rights_a_late_reply_waits(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    emulator.messages.service_rights = False
    gate = asyncio.Event()
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=timedelta(seconds=0.2), around=slow(gate)
    ) as account:
        await account.phone().say(STORY)
        gate.set()
        await account.callback.finish()
        await account.jobs(seconds=21)
        waiting = "outgoing_messages where state = 'held' and reason = 'next_contact'"
        assert await count(account, waiting) == 1
        assert emulator.sent == []


async def test_acknowledged_and_then_failed_is_worked_on_all_the_same(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    gate = asyncio.Event()

    def around(handle: Handle) -> Handle:
        return slow(gate)(failing(9, RuntimeError())(handle))

    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=timedelta(seconds=0.1), around=around
    ) as account:
        phone = account.phone()
        assert await phone.say(STORY) is None
        gate.set()
        await account.callback.finish()
        assert await count(account, "incoming_messages") == 0
        clock.advance(seconds=11)
        await account.jobs()
        assert await count(account, "incoming_messages") == 1
        assert await count(account, "stashed_messages") == 0
        clock.advance(seconds=30)
        await account.jobs()
        assert len(phone.inbox()) == 1, "the reply is pushed, once"


async def test_the_process_dies_after_the_acknowledgement(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    limit = timedelta(seconds=0.1)
    never = slow(asyncio.Event())
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=limit, around=never
    ) as account:
        phone = account.phone()
        photo = account.emulator.give_media(PICTURE, "image/png")
        assert await phone.send_photo(photo) is None
        assert await phone.send_location(40.8, 111.6, "某小区") is None
        assert await phone.say(STORY) is None
        for task in list(account.callback._unfinished):
            task.cancel()
        await account.jobs(seconds=11)
        assert await count(account, "incoming_messages where kind = 'location'") == 1
        assert await count(account, "incoming_messages") == 3
        assert await count(account, "attachments where state = 'stored'") == 1
        await account.jobs(seconds=21)
        assert len(emulator.texts(phone.openid)) == 3


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit"])
async def test_a_process_told_to_stop_pushes_what_its_responses_cannot_carry(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock, committed: bool
) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()

    def around(handle: Handle) -> Handle:
        async def halting(message: IncomingMessage, awaited: Callable[[], bool]) -> Handled:
            handled = await handle(message, awaited) if committed else None
            reached.set()
            await gate.wait()
            return handled or await handle(message, awaited)

        return halting

    async with opened_account(wechat_settings(), emulator, clock, around=around) as account:
        phone = account.phone()
        emulator.user_did(phone.openid)
        query, body = phone.sealed(phone.message("text", f"<Content>{STORY}</Content>"))
        request = asyncio.create_task(account.callback.receive(Query.of(query), body))
        await reached.wait()
        clock.advance(seconds=1)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        while await count(account, "stashed_messages") == 0:
            await asyncio.sleep(0.01)
        gate.set()
        await account.callback.finish()
        await account.jobs()
        assert len(emulator.texts(phone.openid)) == 1
        await account.jobs(minutes=5)
        assert len(emulator.texts(phone.openid)) == 1


@pytest.mark.parametrize("refusal", [None, 48001, 45080, 40001, -1])
async def test_who_waits_sees_that_an_answer_is_being_written(
    wechat_settings: MakeSettings,
    emulator: Emulator,
    clock: SimulatedClock,
    refusal: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announcing, "AFTER", 0.01)
    gate = asyncio.Event()
    if refusal is not None:
        emulator.fail(TYPING, refusal, times=2)
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=timedelta(seconds=0.1), around=slow(gate)
    ) as account:
        phone = account.phone()
        assert await phone.say(STORY) is None
        while TYPING not in emulator.calls:
            await asyncio.sleep(0.01)
        gate.set()
        await account.callback.finish()
        await account.announcing.finish()
        assert emulator.messages.shown_typing == ([] if refusal else [phone.openid])
        clock.advance(minutes=2)
        await account.jobs()
        assert len(emulator.texts(phone.openid)) == 1, "the answer itself comes in any case"


@pytest.mark.parametrize("how", ["database away", "too slow"])
async def test_what_cannot_be_kept_in_time_is_delivered_again(clock: SimulatedClock, how: str) -> None:
    async def handle(_message: IncomingMessage, _awaited: object) -> Handled:
        await asyncio.sleep(0.05)
        raise DatabaseUnavailable

    async def claim(_handled: Handled) -> tuple[()]:
        return ()

    async def keep(_message: IncomingMessage) -> None:
        if how == "database away":
            raise DatabaseUnavailable
        await asyncio.sleep(60)

    async def settle(_message: IncomingMessage, _handled: Handled) -> None:
        raise AssertionError("nothing was kept")

    async def learn(_news: News) -> None:
        raise AssertionError("a message is no event")

    moment = timedelta(seconds=0.01)
    limits = {"answer_within": moment, "keep_within": moment}
    callback = Callback(Gate(TOKEN), handle, claim, keep, settle, learn, clock=clock, **limits)
    async with httpx.AsyncClient() as http:
        phone = Phone("", TOKEN, http, clock=clock.timestamp)
        query, body = phone.sealed(phone.message("text", "<Content>1</Content>"))
        assert (await callback.receive(Query.of(query), body)).status == 503
    await callback.finish()
