"""Updates that are asked for: one process at a time, confirmed when committed, whatever comes between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from aiogram.types import Update
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from starlette.responses import JSONResponse, Response

from backend.conversations.tables import IncomingRow
from backend.db.database import DatabaseUnavailable
from bot.telegram import polling, registration
from bot.telegram.intake import Intake
from bot.telegram.lease import Lease
from bot.telegram.polling import Polling
from tests.fixtures.settings import MakeSettings
from tests.telegram.emulator import Emulator
from tests.telegram.installed import Installed, count, installed
from tests.telegram.limits import Error, too_many
from tests.telegram.phone import Phone
from tests.telegram.test_conversations import NUMBER, STORY, submit
from tests.wechat.clock import SimulatedClock

LIFE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "CONFLICT_SECONDS", "FAILED_SECONDS"):
        monkeypatch.setattr(polling, name, 0.05)


@pytest_asyncio.fixture
async def polled(
    telegram_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock, unhurried: None
) -> AsyncIterator[Installed]:
    async with installed(telegram_settings(public_url="http://127.0.0.1:8000"), emulator, clock) as opened:
        yield opened


def asking(bot: Installed, intake: Intake | None = None) -> Polling:
    begin = partial(registration._begin_asking, bot.channel.bot, bot.parts.database)
    lease = Lease(bot.parts.database, "telegram:test", LIFE)
    intake = intake or registration.build_intake(bot.listening, bot.channel)
    return Polling(bot.channel.bot, intake, lease, begin, ask_seconds=1)


@asynccontextmanager
async def running(*pollings: Polling) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(one.run()) for one in pollings]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens in another task; the test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.02)


def phone_of(bot: Installed) -> Phone:
    """A resident whose updates wait on Telegram's side until they are asked for and confirmed."""

    async def queue(update: dict[str, Any]) -> int:
        bot.emulator.pending.append(update)
        last = update["update_id"]
        await until(lambda: all(waiting["update_id"] > last for waiting in bot.emulator.pending))
        return 200

    async def after() -> None:
        await bot.jobs(seconds=5)

    return Phone(bot.emulator, queue, after, bot.clock.timestamp)


async def test_a_whole_conversation(polled: Installed) -> None:
    polled.emulator.webhook.url = "https://left.over.example/telegram"
    phone = phone_of(polled)
    waiting = phone.message(text="/start")
    polled.emulator.pending.append(waiting)
    async with running(asking(polled)):
        assert NUMBER.fullmatch(await submit(phone))
    assert polled.emulator.webhook.url == "", "Telegram delivers or answers questions, never both"
    assert "您好" in phone.texts[0], "what waited there is kept"
    assert [command["command"] for command in polled.emulator.commands] == [
        "help", "progress", "cancel", "human", "menu", "language",
    ]  # fmt: skip


async def test_nothing_is_confirmed_before_it_is_committed(polled: Installed) -> None:
    real = registration.build_intake(polled.listening, polled.channel)
    taken: list[int] = []

    class Flaky(Intake):
        async def take(self, update: Update) -> None:
            taken.append(update.update_id)
            if len(taken) == 2:
                raise DatabaseUnavailable
            await real.take(update)

    flaky = Flaky.__new__(Flaky)
    phone = phone_of(polled)
    updates = [phone.message(text=text) for text in (STORY, "已经三个月了", "物业也不管")]
    polled.emulator.pending.extend(updates)
    async with running(asking(polled, flaky)):
        await until(lambda: not polled.emulator.pending)
    ids = [update["update_id"] for update in updates]
    assert taken == [ids[0], ids[1], *ids[1:]], "from the one that failed on, in their order"
    assert await count(polled, "incoming_messages") == 3


async def test_killed_before_the_confirmation(polled: Installed) -> None:
    """What was committed and never confirmed comes again to the next process, and changes nothing."""
    phone = phone_of(polled)
    polled.emulator.pending.append(phone.message(text=STORY))
    intake = registration.build_intake(polled.listening, polled.channel)
    asked = await polled.channel.bot.get_updates(timeout=0)
    await intake.take(asked[0])
    async with running(asking(polled)):
        await until(lambda: not polled.emulator.pending)
    await polled.jobs()
    assert len(phone.shown) == 1
    assert await count(polled, "incoming_messages") == 1


async def test_only_one_process_asks(polled: Installed) -> None:
    phone = phone_of(polled)
    async with running(asking(polled), asking(polled), asking(polled)) as tasks:
        await phone.say(STORY)
        assert not any(task.done() for task in tasks)
        assert len(polled.emulator.called("deleteWebhook")) == 1


async def test_another_process_goes_on_when_the_one_is_gone(
    polled: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = phone_of(polled)
    killed = asking(polled)
    monkeypatch.setattr(killed, "_leave", lambda: asyncio.sleep(0))
    async with running(killed):
        await phone.say(STORY)
    async with running(asking(polled)):
        polled.clock.advance(seconds=50)
        await asyncio.sleep(0.2)
        assert len(polled.emulator.called("deleteWebhook")) == 1, "its lease has not run out"
        polled.clock.advance(seconds=11)
        assert await phone.say("1")
    async with running(asking(polled)):
        await phone.say("跳过")
    assert len(polled.emulator.called("deleteWebhook")) == 3, "one that stops gracefully leaves it at once"


async def test_somebody_else_with_the_same_token(polled: Installed) -> None:
    phone = phone_of(polled)
    conflict = Error(409, "Conflict: terminated by other getUpdates request; make sure that only one bot")
    polled.emulator.fail("getUpdates", conflict, conflict)
    async with running(asking(polled)):
        assert "登记" in await phone.say(STORY)
        polled.emulator.webhook.url = "https://somebody.else.example"
        assert await phone.say("已经三个月了")
    assert polled.emulator.webhook.url == ""


@pytest.mark.parametrize(
    "failure",
    [
        too_many(1),
        Error(401, "Unauthorized"),
        Error(500, "Internal Server Error"),
        Response("<html>", 502),
        Response("[]"),
        JSONResponse({"ok": True, "result": {"x": 1}}),
    ],
)
async def test_after_any_failure_it_asks_again(polled: Installed, failure: Error | Response) -> None:
    phone = phone_of(polled)
    polled.emulator.fail("getUpdates", failure)
    async with running(asking(polled)):
        assert "登记" in await phone.say(STORY)


async def test_a_menu_that_is_refused_keeps_nobody_from_being_heard(polled: Installed) -> None:
    phone = phone_of(polled)
    polled.emulator.fail("setMyCommands", Error(400, "Bad Request: BOT_COMMAND_INVALID"))
    async with running(asking(polled)):
        assert "登记" in await phone.say(STORY)


async def test_without_the_database_it_waits(polled: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = phone_of(polled)
    made = asking(polled)
    real, failures = made._lease.hold, iter([True, True])

    async def hold() -> bool:
        if next(failures, False):
            raise DatabaseUnavailable
        return await real()

    monkeypatch.setattr(made._lease, "hold", hold)
    async with running(made):
        assert "登记" in await phone.say(STORY)


async def test_an_update_that_cannot_be_read_is_passed_over(
    polled: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    phone = phone_of(polled)
    emulator = polled.emulator
    emulator.pending.append(emulator.update(message={"message_id": "x", "text": "他打我"}))
    lost = emulator.pending[0]["update_id"]
    emulator.pending.append(emulator.update(message=phone.message(text=STORY)["message"]))
    async with running(asking(polled)):
        await until(lambda: not emulator.pending)
    await polled.jobs()
    assert "登记" in phone.texts[0]
    [said] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(said)["update_id"] == lost, "a person can look for it"
    assert "他打我" not in caplog.text + str(vars(said))


async def test_many_residents_at_once_each_in_order(polled: Installed) -> None:
    phones = [phone_of(polled) for _ in range(12)]
    for text in ("楼上漏水漏到我家", "已经三个月了", "物业也不管"):
        for phone in phones:
            polled.emulator.pending.append(phone.message(text=text))
    async with running(asking(polled)):
        await until(lambda: not polled.emulator.pending)
    async with polled.parts.database.work() as work:
        said = func.array_agg(aggregate_order_by(IncomingRow.text, IncomingRow.id))
        query = select(said).group_by(IncomingRow.conversation_id)
        spoken = list(await work.session.scalars(query))
    assert spoken == [["楼上漏水漏到我家", "已经三个月了", "物业也不管"]] * 12
