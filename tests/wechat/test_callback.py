"""A resident's message over the callback, on a real database: kept once, answered once, pushed when late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from psycopg import AsyncConnection

from backend.db.database import DatabaseUnavailable
from backend.settings import Settings, SettingsError
from bot.app import create_app
from bot.wechat.callback import CALLBACKS, Callback, Handle
from bot.wechat.gate import Gate, Query
from bot.wechat.registration import build_gate
from handlers.incoming import Handled
from handlers.messages import IncomingMessage
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import Account, opened_account
from tests.wechat.conftest import APP_ID, KEY, PREVIOUS_KEY, TOKEN, SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone, ServiceBroken

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 100
STORY = "楼上漏水三个月了，找物业没人管"


@pytest.fixture
def emulator(clock: SimulatedClock) -> Emulator:
    return Emulator(APP_ID, "app-secret", clock=clock)


@pytest.fixture
def wechat_settings(settings: MakeSettings, emulator_url: str) -> Callable[..., Settings]:
    def make(**fields: object) -> Settings:
        own = {
            "wechat_token": TOKEN,
            "wechat_app_id": APP_ID,
            "wechat_app_secret": "app-secret",
            "wechat_aes_key": KEY,
            "wechat_aes_key_previous": PREVIOUS_KEY,
            "wechat_api_base": emulator_url,
        }
        return settings(**(own | fields))

    return make


@pytest_asyncio.fixture
async def account(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Account]:
    async with opened_account(wechat_settings(), emulator, clock) as opened:
        yield opened


async def count(account: Account, table: str) -> int:
    async with await AsyncConnection.connect(account.parts.database.conninfo) as connection:
        row = await (await connection.execute(f"select count(*) from {table}")).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def outcomes(name: str) -> float:
    return CALLBACKS.labels(name)._value.get()


@pytest.mark.parametrize("mode", ["plain", "safe", "previous key"])
async def test_a_conversation(account: Account, mode: str) -> None:
    phone = account.phone(safe=mode != "plain", key=PREVIOUS_KEY if mode == "previous key" else "")
    assert await phone.follow()
    assert await phone.say(STORY)
    assert await phone.send_location(40.819298, 111.660351, "新城区某小区8号楼")
    assert await count(account, "incoming_messages") == 3
    assert await count(account, "outgoing_messages where state = 'sent' and way = 'passive'") == 3
    await account.jobs(minutes=1)
    assert account.emulator.sent == []


@pytest.mark.parametrize("safe", [False, True])
async def test_the_same_message_three_times_at_once(account: Account, safe: bool) -> None:
    phone = account.phone(safe=safe)
    xml = phone.message("text", f"<Content>{STORY}</Content>")
    responses = await asyncio.gather(*(phone.deliver_once(xml) for _ in range(3)))
    assert [response.status_code for response in responses] == [200] * 3
    texts = {phone.read(response.content) for response in responses}
    assert len(texts) == 1
    assert texts.pop()
    if not safe:
        assert len({response.content for response in responses}) == 1
    account.clock.advance(seconds=5)
    late = await phone.deliver_once(xml)
    assert safe or late.content == responses[0].content
    assert await count(account, "incoming_messages") == 1
    assert await count(account, "outgoing_messages") == 1
    await account.jobs(minutes=1)
    assert account.emulator.sent == []


async def test_an_event_three_times_at_once(account: Account) -> None:
    phone = account.phone()
    xml = phone.event("subscribe", "qrscene_1")
    responses = await asyncio.gather(*(phone.deliver_once(xml) for _ in range(3)))
    assert len({response.content for response in responses}) == 1
    assert await count(account, "incoming_messages") == 1


async def test_photo_is_downloaded(account: Account) -> None:
    phone = account.phone()
    await phone.send_photo(account.emulator.give_media(PICTURE, "image/png"))
    await account.jobs()
    assert await count(account, "attachments where state = 'stored' and mime = 'image/png'") == 1


def slow(gate: asyncio.Event) -> Callable[[Handle], Handle]:
    def around(handle: Handle) -> Handle:
        async def wait(message: IncomingMessage) -> Handled:
            await gate.wait()
            return await handle(message)

        return wait

    return around


async def test_a_late_reply_is_pushed_once(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
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
        await account.jobs(seconds=19)
        assert emulator.sent == []
        await account.jobs(seconds=2)
        assert len(emulator.texts(phone.openid)) == 1
        await account.jobs(minutes=5)
        assert len(emulator.texts(phone.openid)) == 1
        assert phone.replies == []


async def test_a_repetition_after_the_push_says_nothing_twice(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
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
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
) -> None:
    emulator.service_rights = False
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


def failing(times: int, error: Exception) -> Callable[[Handle], Handle]:
    def around(handle: Handle) -> Handle:
        left = times

        async def fail(message: IncomingMessage) -> Handled:
            nonlocal left
            await asyncio.sleep(0)
            if left:
                left -= 1
                raise error
            return await handle(message)

        return fail

    return around


@pytest.mark.parametrize("error", [DatabaseUnavailable(), RuntimeError("a mistake of ours")])
async def test_what_was_not_kept_is_delivered_again(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock, error: Exception
) -> None:
    async with opened_account(wechat_settings(), emulator, clock, around=failing(2, error)) as account:
        phone = account.phone()
        xml = phone.message("text", f"<Content>{STORY}</Content>")
        assert (await phone.deliver_once(xml)).status_code == 503
        assert await phone.deliver(xml)
        assert await count(account, "incoming_messages") == 1


async def test_database_away(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
) -> None:
    settings = wechat_settings(database_url="postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    async with opened_account(settings, emulator, clock) as account:
        phone = account.phone()
        response = await phone.deliver_once(phone.message("text", "<Content>1</Content>"))
        assert response.status_code == 503
        with pytest.raises(ServiceBroken):
            await phone.say(STORY)


async def test_acknowledged_and_then_failed_is_worked_on_all_the_same(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
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
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
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


@pytest.mark.parametrize("how", ["database away", "too slow"])
async def test_what_cannot_be_kept_in_time_is_delivered_again(clock: SimulatedClock, how: str) -> None:
    async def handle(_message: IncomingMessage) -> Handled:
        await asyncio.sleep(0.05)
        raise DatabaseUnavailable

    async def claim(_handled: Handled) -> tuple[()]:
        return ()

    async def keep(_message: IncomingMessage) -> None:
        if how == "database away":
            raise DatabaseUnavailable
        await asyncio.sleep(60)

    moment = timedelta(seconds=0.01)
    callback = Callback(
        Gate(TOKEN), handle, claim, keep, clock=clock, answer_within=moment, keep_within=moment
    )
    async with httpx.AsyncClient() as http:
        phone = Phone("", TOKEN, http, clock=clock.timestamp)
        query, body = phone.sealed(phone.message("text", "<Content>1</Content>"))
        assert (await callback.receive(Query.of(query), body)).status == 503
    await callback.finish()


async def test_events_that_ask_for_nothing(account: Account) -> None:
    phone = account.phone()
    for event in ("unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH", "something_new"):
        assert (await phone.deliver_once(phone.event(event))).content == b"success"
    assert await count(account, "incoming_messages") == 0


async def test_safe_only(
    wechat_settings: Callable[..., Settings], emulator: Emulator, clock: SimulatedClock
) -> None:
    async with opened_account(wechat_settings(wechat_safe_only=True), emulator, clock) as account:
        assert await account.phone(safe=True).say(STORY)
        plain = account.phone()
        assert (await plain.deliver_once(plain.message("text", "<Content>1</Content>"))).status_code == 403


async def test_the_residents_app_has_the_callback(wechat_settings: Callable[..., Settings]) -> None:
    app = create_app(wechat_settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http,
    ):
        for safe in (False, True):
            phone = Phone("http://bot/wechat", TOKEN, http, app_id=APP_ID, aes_key=KEY if safe else "")
            assert (await phone.handshake("5837")).text == "5837"
            assert await phone.say(STORY)


async def test_the_residents_app_without_an_account(settings: MakeSettings) -> None:
    app = create_app(settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http,
    ):
        assert (await http.get("/wechat")).status_code == 404


def test_settings_that_cannot_work(settings: MakeSettings) -> None:
    for fields, name in (
        ({"wechat_aes_key": "short", "wechat_app_id": APP_ID}, "WECHAT_AES_KEY:"),
        ({"wechat_aes_key": KEY}, "WECHAT_APP_ID"),
        ({"wechat_safe_only": True}, "WECHAT_SAFE_ONLY"),
    ):
        with pytest.raises(SettingsError, match=name) as error:
            build_gate(settings(wechat_token=TOKEN, **fields))
        assert "short" not in str(error.value)
