"""Who waits long sees that an answer is being written; the answer waits for nothing of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.conversations.views import Sender
from handlers import announcing
from handlers.announcing import Announcing
from handlers.incoming import Handled
from handlers.messages import Capabilities, IncomingMessage

MESSAGE = IncomingMessage(Sender("plain", "a"), "1", "text", datetime(2026, 3, 2, tzinfo=UTC), "楼上漏水")
HANDLED = Handled(1, 1, duplicate=False)


class Channel:
    """Shows that an answer is being written, in `show`'s way."""

    name = "plain"

    def __init__(self, *, typing: bool = True) -> None:
        self.capabilities = Capabilities(reply="push", typing=typing)
        self.shown: list[Sender] = []
        self.asked = asyncio.Event()
        self.show: Any = None

    async def show_typing(self, address: Sender) -> None:
        self.asked.set()
        if self.show is not None:
            await self.show()
        self.shown.append(address)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "AFTER", 0.0)


def working_until(done: asyncio.Event) -> Any:
    async def handle(message: IncomingMessage, awaited: Any = None) -> Handled:
        await done.wait()
        return HANDLED

    return handle


@pytest.mark.usefixtures("at_once")
async def test_a_long_answer_is_announced_once_to_who_waits() -> None:
    channel = Channel()
    announced = Announcing(channel, working_until(channel.asked))
    assert await announced(MESSAGE) == HANDLED
    await announced.finish()
    assert channel.shown == [MESSAGE.sender]


async def test_a_quick_answer_is_not() -> None:
    channel = Channel()

    async def handle(message: IncomingMessage, awaited: Any = None) -> Handled:
        return HANDLED

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcing, "AFTER", 0.01)
        announced = Announcing(channel, handle)
        assert await announced(MESSAGE) == HANDLED
        await asyncio.sleep(0.05)
    assert not channel.asked.is_set()


@pytest.mark.usefixtures("at_once")
async def test_a_channel_that_cannot_is_not_asked() -> None:
    channel, done = Channel(typing=False), asyncio.Event()
    working = asyncio.create_task(Announcing(channel, working_until(done))(MESSAGE))
    await asyncio.sleep(0.05)
    done.set()
    assert await working == HANDLED
    assert not channel.asked.is_set()


@pytest.mark.usefixtures("at_once")
async def test_the_answer_does_not_wait_for_a_channel_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "GIVE_UP", 0.1)
    channel = Channel()
    channel.show = asyncio.Event().wait
    announced = Announcing(channel, working_until(channel.asked))
    async with asyncio.timeout(5):
        assert await announced(MESSAGE) == HANDLED
        assert announced._under_way, "it still hangs"
        await announced.finish()
    assert channel.shown == []


@pytest.mark.usefixtures("at_once")
async def test_many_who_wait_do_not_make_a_busy_machine_busier() -> None:
    channel, done, asked = Channel(), asyncio.Event(), 0

    async def hang() -> None:
        nonlocal asked
        asked += 1
        await done.wait()

    channel.show = hang
    announced = Announcing(channel, working_until(done))
    working = [asyncio.create_task(announced(MESSAGE)) for _ in range(announcing.AT_ONCE + 20)]
    await asyncio.sleep(0.05)
    assert asked == announcing.AT_ONCE
    done.set()
    assert await asyncio.gather(*working) == [HANDLED] * len(working)
    await announced.finish()
    channel.asked.clear()
    announced._handle = working_until(channel.asked)
    await announced(MESSAGE)
    assert asked == announcing.AT_ONCE + 1, "whoever waits later is shown it again"


@pytest.mark.usefixtures("at_once")
async def test_a_channel_that_fails_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel()

    async def refuse() -> None:
        raise RuntimeError("a token that nobody may read")

    channel.show = refuse
    announced = Announcing(channel, working_until(channel.asked))
    with caplog.at_level("INFO"):
        assert await announced(MESSAGE) == HANDLED
        await announced.finish()
    [record] = [record for record in caplog.records if record.name == "handlers.announcing"]
    assert (record.__dict__["channel"], record.__dict__["error"]) == ("plain", "RuntimeError")
    assert "token" not in record.getMessage()


async def test_what_the_work_says_goes_through_and_it_is_told_whether_somebody_waits() -> None:
    told: list[Any] = []

    async def handle(message: IncomingMessage, awaited: Any = None) -> Handled:
        told.append(awaited)
        raise LookupError("as it was")

    def waits() -> bool:
        return True

    with pytest.raises(LookupError, match="as it was"):
        await Announcing(Channel(), handle)(MESSAGE, waits)
    assert told == [waits]
