"""The webhook: only Telegram gets in, 200 only for what is committed, and nothing that is sent breaks it."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.db.database import DatabaseUnavailable
from backend.settings import SettingsError
from bot.telegram import registration, webhook
from handlers import announcing, stash
from handlers.announcing import Announcing
from handlers.incoming import handle
from tests.fixtures.settings import MakeSettings
from tests.telegram.emulator import Emulator
from tests.telegram.installed import SECRET_KEY, Installed, count, installed
from tests.telegram.limits import BLOCKED, Error
from tests.telegram.test_conversations import NUMBER, STORY, submit
from tests.wechat.clock import SimulatedClock


async def test_only_telegram_gets_in(bot: Installed) -> None:
    update = bot.phone().message(text=STORY)
    for secret in ("", "wrong", "x" * 5000, webhook.secret_of(bot.settings, "another key"), "é"):
        response = await bot.http.post(
            "/telegram", json=update, headers={webhook.HEADER.encode(): secret.encode()}
        )
        assert (response.status_code, response.text) == (403, "forbidden")
    assert (await bot.http.post("/telegram", json=update)).status_code == 403
    assert await count(bot, "incoming_messages") == 0
    assert await bot.deliver(update) == 200
    assert await count(bot, "incoming_messages") == 1


async def test_the_secret_of_the_settings(telegram_settings: MakeSettings) -> None:
    chosen = telegram_settings(telegram_webhook_secret="a_secret-of_ours")
    assert webhook.secret_of(chosen, SECRET_KEY) == "a_secret-of_ours"
    made = webhook.secret_of(telegram_settings(), SECRET_KEY)
    assert made == webhook.secret_of(telegram_settings(), SECRET_KEY) != webhook.secret_of(chosen, "x")
    webhook.check_secret(telegram_settings(telegram_webhook_secret=made))
    for bad in ("with space", "ä", "x" * 257):
        with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_SECRET") as raised:
            registration.check(telegram_settings(telegram_webhook_secret=bad))
        assert bad not in str(raised.value)
    for bad in ("nonsense", "abc:def", "12 3:AA", ":"):
        with pytest.raises(SettingsError, match="TELEGRAM_TOKEN") as raised:
            registration.check(telegram_settings(telegram_token=bad))
        assert bad == ":" or bad not in str(raised.value)
    registration.check(telegram_settings())


async def test_a_body_without_end(bot: Installed) -> None:
    assert (await bot.post(b"x" * (webhook.MAX_BODY + 1))).status_code == 413

    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 65536

    headers = {webhook.HEADER: webhook.secret_of(bot.settings, SECRET_KEY)}
    assert (await bot.http.post("/telegram", content=chunks(), headers=headers)).status_code == 413


async def test_a_body_that_never_comes(bot: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "READ_SECONDS", 0.1)

    async def nothing() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    headers = {webhook.HEADER: webhook.secret_of(bot.settings, SECRET_KEY)}
    assert (await bot.http.post("/telegram", content=nothing(), headers=headers)).status_code == 408


async def test_an_update_that_cannot_be_read_is_said_in_the_log(
    bot: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"message_id": "x", "text": "他打我"}
    for body in (json.dumps({"update_id": 815, "message": said}).encode(), b"[" * 100_000, b"{"):
        assert (await bot.post(body)).status_code == 200
    records = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [vars(record)["update_id"] for record in records] == [815, None, None]
    assert "他打我" not in caplog.text + "".join(str(vars(record)) for record in records)


async def test_bad_updates_are_taken_and_nothing_of_them(bot: Installed) -> None:
    phone = bot.phone()
    bodies: list[Any] = [
        b"", b"null", b"[]", b"{}", b"{", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"update_id":"x"}',
        {"update_id": 1}, {"update_id": 2**70}, {"update_id": 1, "message": {}},
        {"update_id": 1, "message": None},
        {"update_id": 1, "channel_post": phone.message(text="x")["message"]},
        {"update_id": 1, "poll": {"id": "1"}},
    ]  # fmt: skip
    for body in bodies:
        assert (await bot.post(body)).status_code == 200
    assert await count(bot, "incoming_messages") == 0


async def test_many_mutilated_updates(bot: Installed) -> None:
    """Every value of real updates replaced, removed or doubled, by a fixed seed."""
    phone, chance = bot.phone(), random.Random(4)
    await phone.say("物业费突然涨到2块8 谁同意的")
    real = [
        phone.message(text="x"),
        phone.message(contact={"phone_number": "1", "first_name": "", "user_id": 1}),
        phone.message(location={"latitude": 1, "longitude": 2}),
        phone.photo(b"\xff\xd8\xff" + b"0" * 50, media_group_id="1"),
        phone.edited(phone.message(text="x"), text="y"),
        phone.tapped("对"),
        phone.membership("kicked", "member"),
    ]
    values = [None, "", "x", 0, -1, 2**63, 1.5, True, [], {}, [{}], {"id": 1}, "\x00", "\ud83d", "字" * 5000]
    for number in range(150):
        update = json.loads(json.dumps(chance.choice(real)))
        update["update_id"] = 10_000 + number
        for _ in range(chance.randint(1, 3)):
            _mutilate(update, chance, values)
        status = (await bot.post(json.dumps(update).encode())).status_code
        assert status == 200, update
    await bot.jobs()
    assert NUMBER.fullmatch(await submit(bot.phone()))


def _mutilate(value: Any, chance: random.Random, values: list[Any]) -> None:
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        inside = value[key]
        if isinstance(inside, dict | list) and inside and chance.random() < 0.8:
            value = inside
            continue
        if isinstance(value, dict) and chance.random() < 0.3:
            del value[key]
        else:
            value[key] = chance.choice(values)
        return


async def test_the_same_update_three_times_at_once(bot: Installed) -> None:
    phone = bot.phone()
    reply = await phone.say(STORY)
    while "请核对" not in reply:
        reply = await (phone.tap(phone.last.buttons[0]["text"]) if phone.last.buttons else phone.say("跳过"))
    tap = phone.tapped("提交")
    assert await asyncio.gather(*(bot.deliver(tap) for _ in range(3))) == [200] * 3
    await bot.jobs()
    assert await bot.deliver(tap) == 200, "and once more later"
    await bot.jobs()
    assert await count(bot, "cases") == 1
    assert len([text for text in phone.texts if NUMBER.search(text)]) == 1


async def test_killed_between_the_commit_and_the_answer(bot: Installed) -> None:
    """Telegram heard nothing and delivers again: no second case, no second sentence."""
    phone = bot.phone()
    reply = await phone.say(STORY)
    while "请核对" not in reply:
        reply = await (phone.tap(phone.last.buttons[0]["text"]) if phone.last.buttons else phone.say("跳过"))
    update, parts = phone.tapped("提交"), bot.parts

    class Killed(BaseException):
        pass

    async def dies(message: Any) -> None:
        await handle(parts, message)
        raise Killed

    intake = registration.build_intake(bot.listening, bot.channel)
    intake._handle = dies
    with pytest.raises(Killed):
        await intake.take(webhook.parse(json.dumps(update).encode()))
    assert await count(bot, "cases") == 1
    assert await bot.deliver(update) == 200
    await bot.jobs()
    assert await count(bot, "cases") == 1
    assert len([text for text in phone.texts if NUMBER.search(text)]) == 1


async def test_without_the_database_it_is_delivered_again(
    bot: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = bot.phone()
    intake = registration.build_intake(bot.listening, bot.channel)

    async def away(message: object) -> None:
        raise DatabaseUnavailable

    intake._handle = away
    app = FastAPI()
    app.include_router(webhook.router(intake, "s"))
    update = phone.message(text=STORY)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.post("/telegram", json=update, headers={webhook.HEADER: "s"})
    assert answer.status_code == 503
    assert "登记" in await phone.do(update), "the second delivery"


async def test_a_message_that_cannot_be_worked_on_holds_up_nobody(
    bot: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = bot.phone()
    real = stash.handle
    intake = registration.build_intake(bot.listening, bot.channel)

    async def fails(message: object) -> None:
        raise RuntimeError("a mistake of ours")

    intake._handle = fails
    monkeypatch.setattr(stash, "handle", fails_with(fails))
    update = phone.message(text=STORY, media_group_id=None)
    await intake.take(webhook.parse(json.dumps(update).encode()))
    bot.clock.advance(minutes=1)
    assert await stash.take_up(bot.parts) == 1
    assert await count(bot, "stashed_messages") == 1, "kept, and tried again"
    monkeypatch.setattr(stash, "handle", real)
    await bot.jobs(minutes=1)
    assert "登记" in phone.texts[-1]
    assert await count(bot, "stashed_messages") == 0


def fails_with(fails: Any) -> Any:
    async def failing(parts: object, message: object) -> None:
        await fails(message)

    return failing


@pytest.mark.parametrize("refusal", [None, Error(*BLOCKED), Error(500, "Internal Server Error")])
async def test_a_slow_answer_is_seen_to_be_written(
    bot: Installed, monkeypatch: pytest.MonkeyPatch, refusal: Error | None
) -> None:
    monkeypatch.setattr(announcing, "AFTER", 0.01)
    if refusal is not None:
        bot.emulator.fail("sendChatAction", refusal)
    phone = bot.phone()
    intake = registration.build_intake(bot.listening, bot.channel)

    async def slow(message: Any, awaited: Any = None) -> Any:
        while not bot.emulator.called("sendChatAction"):
            await asyncio.sleep(0.01)
        return await handle(bot.parts, message)

    shows = intake._handle
    assert isinstance(shows, Announcing)
    shows._handle = slow
    await intake.take(webhook.parse(json.dumps(phone.message(text=STORY)).encode()))
    await shows.finish()
    [asked] = bot.emulator.called("sendChatAction")
    assert (asked["chat_id"], asked["action"]) == (str(phone.user_id), "typing")
    assert await count(bot, "incoming_messages") == 1


async def test_a_quick_answer_needs_no_such_sign(bot: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "AFTER", 60)
    await bot.phone().say(STORY)
    assert bot.emulator.called("sendChatAction") == []


async def test_a_kept_message_comes_back_as_it_was(bot: Installed) -> None:
    phone = bot.phone()
    contact = {"phone_number": "8613812345678", "first_name": "芳", "user_id": phone.user_id}
    kept: list[Any] = []

    async def remember(message: Any) -> None:
        kept.append(message)
        await stash.keep(bot.parts, message)
        raise DatabaseUnavailable

    intake = registration.build_intake(bot.listening, bot.channel)
    intake._handle = remember
    edit = phone.edited(phone.message(text="x"), text="y")
    for update in (phone.message(contact=contact), edit, phone.photo(b"\xff\xd8\xff0", media_group_id="1")):
        with pytest.raises(DatabaseUnavailable):
            await intake.take(webhook.parse(json.dumps(update).encode()))
    heard: list[Any] = []

    async def hear(parts: object, message: Any) -> Any:
        heard.append(message)
        return await handle(bot.parts, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stash, "handle", hear)
        bot.clock.advance(minutes=1)
        await stash.take_up(bot.parts)
    assert sorted(map(repr, heard)) == sorted(map(repr, kept))


async def test_switched_off_it_says_which_setting_is_missing(
    settings: MakeSettings, telegram_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    assert registration.REGISTRATION.closed is not None
    assert not registration.REGISTRATION.enabled(settings(telegram_token=""))
    app = FastAPI()
    app.include_router(registration.REGISTRATION.closed())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http:
        answer = await http.post("/telegram")
    assert (answer.status_code, "TELEGRAM_TOKEN" in answer.text) == (404, True)
    async with installed(telegram_settings(public_url="http://127.0.0.1:8000"), emulator, clock) as polled:
        answer = await polled.http.post("/telegram")
    assert (answer.status_code, "PUBLIC_URL" in answer.text) == (404, True)
