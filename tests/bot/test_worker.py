"""The worker outlives a lost database, and stops when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from backend.conversations import entry, outbox
from backend.conversations.views import Sender
from backend.db.database import Database, DatabaseUnavailable
from bot import worker
from bot.compose import composed
from handlers.incoming import handle
from handlers.messages import Capabilities, IncomingAttachment, IncomingMessage, Outcome, Rendered
from handlers.parts import Parts
from tests.fixtures.settings import MakeSettings
from tests.fixtures.stage import RecordedChannel


async def eventually(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not reached():
            await asyncio.sleep(0.02)


async def test_a_lost_database_is_waited_for(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def claim_due(_parts: Parts) -> None:
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise DatabaseUnavailable

    monkeypatch.setattr(worker, "claim_due", claim_due)
    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.01)
    async with composed(settings()) as made:
        working = asyncio.create_task(worker.work_for_ever(made.parts, tick_seconds=0.01))
        await eventually(lambda: looks > 4 or working.done())
        assert not working.done(), "it gave up"
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(working, 20)


class _Hanging(RecordedChannel):
    """Its server takes a request and does not answer."""

    def __init__(self, name: str, capabilities: Capabilities) -> None:
        super().__init__(name, capabilities)
        self.asked = 0
        self.answers = asyncio.Event()

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        self.asked += 1
        await self.answers.wait()
        return await super().send(address, message)

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        self.asked += 1
        await self.answers.wait()
        raise LookupError


async def answer(database: Database, channel: str, residents: int) -> None:
    """An officer answers so many residents of a channel."""
    async with database.work() as work:
        for number in range(residents):
            opened = await entry.lock(work, Sender(channel, f"resident-{number}"))
            await outbox.post(work, opened.conversation_id, kind="chat", literal="您好")
        await work.commit()


@contextlib.asynccontextmanager
async def working(parts: Parts) -> AsyncIterator[None]:
    running = asyncio.create_task(worker.work_for_ever(parts))
    try:
        yield
        assert not running.done()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(running, 20)


async def test_a_channel_whose_server_hangs_holds_up_no_other(settings: MakeSettings) -> None:
    hanging = _Hanging("wechat", Capabilities(reply="passive"))
    quick = RecordedChannel("telegram", Capabilities(reply="push", buttons=True))
    async with composed(settings()) as made:
        parts = dataclasses.replace(made.parts, channels={"wechat": hanging, "telegram": quick})
        await answer(parts.database, "wechat", 3 * worker.REPLIES_AT_ONCE)
        async with working(parts):
            await eventually(lambda: hanging.asked == worker.REPLIES_AT_ONCE)
            await answer(parts.database, "telegram", 20)
            async with asyncio.timeout(5):
                while len(quick.sent) < 20:
                    await asyncio.sleep(0.02)
            assert (hanging.asked, hanging.sent) == (worker.REPLIES_AT_ONCE, [])
            hanging.answers.set()


async def test_whoever_went_silent_is_reminded(settings: MakeSettings) -> None:
    channel = RecordedChannel("wechat", Capabilities(reply="passive"))
    async with composed(settings(quiet_hours="")) as made:
        parts = dataclasses.replace(made.parts, channels={"wechat": channel})
        now = parts.database.clock()
        told = IncomingMessage(Sender("wechat", "resident"), "m1", "text", now, "物业费突然涨到2块8 谁同意的")
        await handle(parts, told)
        async with parts.database.work() as work:
            for column in ("outgoing_messages set created_at", "conversations set last_message_at"):
                await work.session.execute(text(f"update {column} = now() - interval '29 minutes'"))
            await work.commit()
        async with working(parts):
            await eventually(lambda: any(message.kind == "reminder" for _, message in channel.sent))


async def test_its_files_hold_up_no_others_files(settings: MakeSettings) -> None:
    hanging = _Hanging("wechat", Capabilities(reply="passive"))
    quick = RecordedChannel("telegram", Capabilities(reply="push", buttons=True))
    quick.files["photo"] = (b"%PDF-1.4 a document", "paper.pdf")
    async with composed(settings()) as made:
        parts = dataclasses.replace(made.parts, channels={"wechat": hanging, "telegram": quick})
        await send_photo(parts, "wechat", 3 * worker.DOWNLOADS_AT_ONCE)
        async with working(parts):
            await eventually(lambda: hanging.asked == worker.DOWNLOADS_AT_ONCE)
            await send_photo(parts, "telegram", 1)
            async with asyncio.timeout(5):
                while await pending(parts.database, "telegram"):
                    await asyncio.sleep(0.05)
            assert await pending(parts.database, "wechat") == 3 * worker.DOWNLOADS_AT_ONCE
            hanging.answers.set()


async def send_photo(parts: Parts, channel: str, number: int) -> None:
    """A resident sends files that are still at the channel."""
    file = IncomingAttachment("file", remote_id="photo")
    for each in range(number):
        message_id = f"{channel}-{each}"
        now = parts.database.clock()
        await handle(
            parts,
            IncomingMessage(Sender(channel, "resident"), message_id, "file", now, attachments=(file,)),
        )


async def pending(database: Database, channel: str) -> int:
    async with database.work() as work:
        query = (
            "select count(*) from attachments a join conversations c on c.id = a.conversation_id"
            " join residents r on r.id = c.resident_id where a.state = 'pending' and r.channel = :channel"
        )
        return await work.session.scalar(text(query), {"channel": channel}) or 0


async def test_of_a_channel_that_is_off_staff_see_why_its_messages_wait(settings: MakeSettings) -> None:
    async with composed(settings()) as made:
        await answer(made.parts.database, "telegram", 1)
        async with working(made.parts):
            async with asyncio.timeout(10):
                while await state(made.parts.database) != ("held", "channel_off"):
                    await asyncio.sleep(0.05)


async def state(database: Database) -> tuple[str, str | None]:
    async with database.work() as work:
        row = (await work.session.execute(text("select state, reason from outgoing_messages"))).one()
    return row.state, row.reason
