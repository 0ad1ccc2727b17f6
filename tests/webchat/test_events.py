"""What an open page hears: everything once, in whatever order it became visible."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from backend.conversations import outbox
from backend.conversations.turns import peek
from backend.conversations.views import Sender
from backend.domain.lifecycle import Action
from bot.webchat import stream
from bot.webchat.channel import NAME, WebChannel
from handlers.incoming import claim, handle
from handlers.messages import IncomingMessage
from tests.webchat.listener import Listener, Phone

PATIENCE = 10


class Ear:
    """One open event stream."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.last_id = ""

    async def next(self) -> dict[str, Any]:
        """The next message; raises TimeoutError when none comes."""
        async with asyncio.timeout(PATIENCE):
            item: dict[str, Any] = {}
            async for line in self._lines:
                if line.startswith("id: "):
                    self.last_id = line[4:]
                if line.startswith("data: "):
                    item = json.loads(line[6:])
                if not line and item:
                    return item
        raise AssertionError("the stream ended")

    async def until(self, words: str) -> dict[str, Any]:
        """The first message with these words in it."""
        while words not in (item := await self.next())["text"]:
            pass
        return item


@asynccontextmanager
async def listening(phone: Phone, after: str = "") -> AsyncIterator[Ear]:
    headers = {"Last-Event-ID": after} if after else {}
    async with phone.http.stream("GET", "/chat/events", headers=headers, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Ear(response.aiter_lines())


async def push(listener: Listener, phone: Phone, words: str) -> int:
    """An officer's words to a resident."""
    conversation_id = await conversation_of(listener, phone)
    async with listener.parts.database.work() as work:
        outgoing_id = await outbox.post(work, conversation_id, kind="chat", literal=words)
        await work.commit()
    assert outgoing_id is not None
    return outgoing_id


async def conversation_of(listener: Listener, phone: Phone) -> int:
    user_id = phone.http.cookies["device"].rpartition(".")[0]
    async with listener.parts.database.work() as work:
        opened = await peek(work, Sender(NAME, user_id))
    assert opened is not None
    return opened.conversation_id


async def test_an_open_page_hears_what_staff_write(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("您好")
    async with listening(phone) as ear:
        await ear.until("您好")
        await push(listener, phone, "我是值班员")
        heard = await ear.until("我是值班员")
    assert heard["direction"] == "out" and heard["kind"] == "chat"


async def test_two_pages_hear_the_same(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("您好")
    async with listening(phone) as one, listening(phone) as other:
        assert (await phone.post("from-one-page", text="楼上漏水没人管")).status_code == 200
        first, second = await one.until("楼上漏水"), await other.until("楼上漏水")
    assert first == second and first["message_id"] == "from-one-page"


async def test_another_page_hears_the_reply_as_soon_as_it_is_taken(listener: Listener) -> None:
    """The words are committed before the reply is handed over: that second moment wakes pages too."""
    phone = listener.phone()
    await phone.say("您好")
    sender = Sender(NAME, phone.http.cookies["device"].rpartition(".")[0])
    async with listening(phone) as ear:
        await ear.until("您好")
        message = IncomingMessage(sender, "by hand", "text", listener.parts.database.clock(), "菜单")
        handled = await handle(listener.parts, message)
        while (await ear.next())["message_id"] != "by hand":
            pass
        [reply] = await claim(listener.parts, handled, WebChannel.capabilities)
        assert (await ear.until(reply.text))["id"] == reply.id


async def test_a_choice_that_was_used_is_closed_on_every_page(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("楼上漏水漏到我家，物业一直不管")
    asked = phone.answers[-1]["messages"][-1]
    assert asked["choices"]
    async with listening(phone) as ear:
        while (item := await ear.next())["id"] != asked["id"]:
            pass
        assert item["open"]
        await phone.choose(asked["choices"][0]["id"])
        while (item := await ear.next())["id"] != asked["id"]:
            pass
        assert not item["open"]


async def test_after_a_gap_nothing_is_missing(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("您好")
    async with listening(phone) as ear:
        while (await ear.next())["direction"] == "in":
            pass
        seen = ear.last_id
    conversation_id = await conversation_of(listener, phone)
    with psycopg.connect(listener.settings.database_url, autocommit=True) as connection:
        connection.execute(
            "insert into outgoing_messages (conversation_id, kind, literal, state, created_at, sent_at)"
            " select %s, 'chat', '第' || n || '条', 'sent', now(), now() from generate_series(1, %s) n",
            [conversation_id, stream.RECENT + 10],
        )
    async with listening(phone, after=seen) as ear:
        heard = [(await ear.next())["text"] for _ in range(stream.RECENT + 10)]
    assert heard == [f"第{number}条" for number in range(1, stream.RECENT + 11)]


async def test_a_lower_id_that_shows_up_later_is_heard(listener: Listener) -> None:
    """A long transaction's message is older by its id than what the page has already."""
    phone = listener.phone()
    await phone.say("您好")
    conversation_id = await conversation_of(listener, phone)
    async with listening(phone) as ear, listener.parts.database.work() as slow:
        late = await outbox.post(slow, conversation_id, kind="chat", literal="慢的")
        quick = await push(listener, phone, "快的")
        assert late is not None and late < quick
        await ear.until("快的")
        await slow.commit()
        assert (await ear.until("慢的"))["id"] == late


async def test_a_lost_wake_up_is_made_good(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_AGAIN", 0.3)
    phone = listener.phone()
    await phone.say("您好")
    async with listening(phone) as ear:
        await ear.until("您好")
        conversation_id = await conversation_of(listener, phone)
        async with listener.parts.database.work() as work:
            await outbox.post(work, conversation_id, kind="chat", literal="没有铃声")
            work._topics.clear()
            await work.commit()
        await ear.until("没有铃声")


async def test_a_new_device_hears_its_first_message(listener: Listener) -> None:
    phone = listener.phone()
    await phone.http.get("/")
    async with listening(phone) as ear:
        await phone.post(text="楼上漏水没人管")
        assert (await ear.until("楼上漏水"))["direction"] == "in"


async def test_every_step_of_a_case_is_heard(listener: Listener) -> None:
    phone = listener.phone()
    number = await phone.gets_a_number()
    async with listening(phone) as ear:
        await ear.until(number)
        await listener.act(number, Action.ACCEPT)
        assert "受理" in (await ear.until("已受理"))["text"]
        await listener.act(number, Action.ASSIGN, unit="zhujian")
        await ear.until("交由")


async def test_odd_last_event_ids_do_no_harm(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("您好")
    for odd in ("x", "-1", "9" * 40, "1.5"):
        async with listening(phone, after=odd) as ear:
            await ear.until("您好")


async def test_an_open_page_does_not_hold_up_the_end(own_listener: Listener) -> None:
    phone = own_listener.phone()
    await phone.say("您好")
    async with listening(phone) as ear:
        await ear.next()
        async with asyncio.timeout(5):
            await own_listener.stop()


async def test_a_closed_page_leaves_nothing_behind(own_listener: Listener) -> None:
    phone = own_listener.phone()
    await phone.say("您好")
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with listening(phone) as ear:
            await ear.next()
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > before + 1:
            await asyncio.sleep(0.1)


async def test_the_channel_leaves_messages_to_the_page() -> None:
    channel = WebChannel()
    with pytest.raises(LookupError):
        await channel.fetch("x")
    assert channel.capabilities.buttons and channel.capabilities.reply == "passive"
