"""The same life three times, side by side: looked up each time, remembered, and by two listeners in turns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text as sql

from backend.conversations import turns
from backend.conversations.views import Sender
from backend.workbench import chat_desk
from dialogs.messages import Say
from handlers import saying
from handlers.incoming import claim, handle
from handlers.messages import IncomingMessage, Outcome, Rendered, Sent, Undeliverable
from handlers.parts import Parts
from handlers.recent import Recent
from tests.fixtures.stage import Stage
from tests.handlers.test_person import officer

WHO = Sender("stage", "resident")
OPENINGS = (
    "物业费突然涨到2块8 谁同意的",
    "老板拖欠工资三个月不给",
    "楼上漏水漏到我家",
    "隔壁半夜吵架",
    "您好",
    "the neighbour is noisy at night",
)
ANSWERS = (
    "1",
    "1",
    "1",
    "2",
    "3",
    "跳过",
    "恒大名都8号楼",
    "三个月了",
    "13812345678",
    "不知道",
    "对",
    "不对",
)
ASIDES = (
    "上一步",
    "取消",
    "算了",
    "菜单",
    "进度",
    "要交什么材料",
    "谢谢",
    "😭",
    "改地址",
    "楼道的灯也坏了",
    "新的事情",
    "补充",
    "English",
    "中文",
    "等一下",
)
GRAVE = ("人工", "老公打我", "继续等", "不等了", "家里着火了")
NUMBER = re.compile(r"FQ\d{4}-\d{6}|(?<='case_id': )\d+|(?<=/c/)\d+|(?<=[a-z])-\d+(?=')")
ROWS = {
    "conversation": """
        select c.state, c.mode, c.last_message_at, c.waiting_since, r.language, r.privacy_version,
            r.privacy_at,
            (select count(*) from outgoing_messages o where o.conversation_id = c.id and o.id <= c.prompt_id)
        from conversations c join residents r on r.id = c.resident_id where r.channel_user_id = :user
    """,
    "heard": """
        select i.message_id, i.kind, i.text, i.payload, i.at
        from incoming_messages i join conversations c on c.id = i.conversation_id
        join residents r on r.id = c.resident_id where r.channel_user_id = :user order by i.id
    """,
    "said": """
        select o.kind, o.parts, o.choices, o.purpose, o.language, o.state, o.way, o.rendered, o.created_at,
            o.sent_at, o.case_id is null
        from outgoing_messages o join conversations c on c.id = o.conversation_id
        join residents r on r.id = c.resident_id where r.channel_user_id = :user order by o.id
    """,
    "cases": """
        select k.category, k.summary, k.place, k.since, k.details, k.status, k.created_at
        from cases k join residents r on r.id = k.reporter_id where r.channel_user_id = :user order by k.id
    """,
}


class Nothing(Recent):
    """A listener that remembers nothing."""

    def take(self, sender: Sender) -> None:
        return None


@dataclass
class Life:
    """One resident, and which of their listeners hears the next message."""

    user: str
    listeners: Sequence[Parts]
    chosen: Random = field(default_factory=lambda: Random(5))

    @property
    def parts(self) -> Parts:
        return self.chosen.choice(self.listeners)

    async def say(self, message: IncomingMessage, stage: Stage, awaited: Callable[[], bool]) -> str:
        message = replace(message, sender=Sender(message.sender.channel, self.user))
        parts = self.parts
        handled = await handle(parts, message, awaited)
        if not awaited():
            return ""
        return "\n".join(reply.text for reply in await claim(parts, handled, stage.channel.capabilities))

    async def rows(self, stage: Stage) -> dict[str, Any]:
        async with stage.parts.database.work() as work:
            return {
                name: alike(
                    [tuple(row) for row in await work.session.execute(sql(query), {"user": self.user})]
                )
                for name, query in ROWS.items()
            }


def alike(found: Any) -> str:
    """Without what differs between residents: the numbers of their cases."""
    return NUMBER.sub("FQ", repr(found))


class Lives:
    """The three of them, and what happens to all."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.seed = seed
        self.random = Random(seed)
        self.closed = False
        self.sent: list[IncomingMessage] = []
        base = stage.parts
        both = [replace(base, recent=Recent()), replace(base, recent=Recent())]
        self.lives = (
            Life("looked up", [replace(base, recent=Nothing())]),
            Life("remembered", [replace(base, recent=Recent())]),
            Life("by two", both, Random(seed)),
        )
        send = stage.channel.send

        async def closable(address: Sender, message: Rendered) -> Outcome:
            if self.closed:
                return Undeliverable("window", at_next_contact=True)
            outcome = await send(address, message)
            assert isinstance(outcome, Sent)
            return outcome

        stage.channel.send = closable  # type: ignore[method-assign]

    async def hear(self, message: IncomingMessage, awaits: Sequence[bool] = ()) -> None:
        """The same message to all, whose responses wait as `awaits` says, then always."""
        told = []
        for life in self.lives:
            left = list(awaits)
            last = awaits[-1] if awaits else True

            def awaited(left: list[bool] = left, last: bool = last) -> bool:
                return left.pop(0) if left else last

            told.append(alike(await life.say(message, self.stage, awaited)))
        assert told[0] == told[1] == told[2], f"{self.seed}: to {message.text}"

    async def write(self, words: str, **late: Sequence[bool]) -> None:
        self.stage.now += timedelta(seconds=self.random.choice((0.5, 1, 3, 3, 3, 20, 400)))
        message = self.stage.message(words)
        self.sent.append(message)
        await self.hear(message, **late)

    async def jobs(self, seconds: float) -> None:
        await self.stage.jobs(seconds=seconds)

    async def notice(self) -> None:
        """Something cannot be pushed, and waits."""
        async with self.stage.parts.database.work() as work:
            ids = await work.session.scalars(sql("select id from conversations order by id"))
            for conversation_id in ids.all():
                await saying.push(work, conversation_id, (Say("form.no_hurry"),), kind="notice")
            await work.commit()
        self.closed = True
        await self.jobs(1)
        self.closed = False

    async def chat(self, member: Any, move: Callable[..., Any]) -> None:
        async with self.stage.parts.database.work() as work:
            ids = await work.session.scalars(sql("select id from conversations order by id"))
            for conversation_id in ids.all():
                await move(work, conversation_id, member)
            await work.commit()
        await self.jobs(1)

    async def step(self, member: Any) -> None:
        pick = self.random.random()
        if pick < 0.52:
            await self.write(self.random.choice(ANSWERS))
        elif pick < 0.66:
            await self.write(self.random.choice(OPENINGS))
        elif pick < 0.82:
            await self.write(self.random.choice(ASIDES))
        elif pick < 0.84:
            await self.write(self.random.choice(GRAVE))
        elif pick < 0.89 and self.sent:
            self.stage.now += timedelta(seconds=self.random.choice((1, 5)))
            await self.hear(self.random.choice(self.sent[-2:]))
        elif pick < 0.92:
            await self.write(self.random.choice(ANSWERS), awaits=(True, False))
        elif pick < 0.94:
            await self.write(self.random.choice(ANSWERS), awaits=(False,))
        elif pick < 0.96:
            await self.notice()
        elif pick < 0.98:
            await self.chat(member, chat_desk.take)
            await self.chat(member, chat_desk.hand_back)
        else:
            await self.jobs(self.random.choice((25, 3600)))

    async def compare(self) -> None:
        rows = [await life.rows(self.stage) for life in self.lives]
        for name in ROWS:
            assert rows[0][name] == rows[1][name], f"{self.seed}: {name}"
            assert rows[0][name] == rows[2][name], f"{self.seed}: {name} by two"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Sender]:
    """Whose memory was of use."""
    found: list[Sender] = []
    take = Recent.take

    def noted(recent: Recent, sender: Sender) -> Any:
        remembered = take(recent, sender)
        if remembered is not None:
            found.append(sender)
        return remembered

    monkeypatch.setattr(Recent, "take", noted)
    return found


@pytest.mark.parametrize("seed", [0, 2, 6, 19])
async def test_it_makes_no_difference(stage: Stage, kept: list[Sender], seed: int) -> None:
    lives = Lives(stage, seed)
    member = await officer(stage)
    for _ in range(40):
        await lives.step(member)
    await lives.jobs(3600)
    await lives.compare()
    assert {sender.user_id for sender in kept} == {"remembered", "by two"}


async def one_row_each(stage: Stage, message_ids: Sequence[str]) -> None:
    """Everything is kept once and answered once."""
    query = """
        select i.message_id, count(o.id) from incoming_messages i
        left join outgoing_messages o on o.reply_to = i.id and o.state = 'sent' group by i.id, i.message_id
    """
    async with stage.parts.database.work() as work:
        found = [tuple(row) for row in await work.session.execute(sql(query))]
    assert sorted(found) == sorted((message_id, 1) for message_id in message_ids)


async def test_many_at_once_and_three_times_each_over_two_listeners(stage: Stage) -> None:
    listeners = [replace(stage.parts, recent=Recent()) for _ in range(2)]
    messages = [stage.message(words) for words in (*OPENINGS, *ASIDES[3:8])]
    deliveries = [(place, message) for message in messages for place in (0, 1, 0)]
    Random(3).shuffle(deliveries)

    async def deliver(place: int, message: IncomingMessage) -> None:
        parts = listeners[place]
        handled = await handle(parts, message, lambda: True)
        assert await claim(parts, handled, stage.channel.capabilities)

    await asyncio.gather(*(deliver(*delivery) for delivery in deliveries))
    await one_row_each(stage, [message.message_id for message in messages])
    for parts in listeners:
        await agrees(parts, WHO)


async def agrees(parts: Parts, sender: Sender) -> bool:
    """Whether something is remembered; it equals what a look finds, or is known to be out of date."""
    remembered = parts.recent.take(sender)
    if remembered is None:
        return False
    async with parts.database.work() as work:
        seen = await turns.glance(work, sender)
    assert seen is not None
    assert seen == remembered or seen.stands_at != remembered.stands_at
    parts.recent.keep(sender, remembered)
    return True


async def test_who_is_cut_off_anywhere_writes_again_and_is_answered_once(stage: Stage) -> None:
    """A request is cancelled after any number of steps, also between the commit and what is remembered."""
    listeners = [replace(stage.parts, recent=Recent()) for _ in range(2)]
    random = Random(11)
    messages: list[str] = []
    cut_off = remembered = 0
    for turn, steps in enumerate((0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 90, 130, 200) * 2):
        stage.now += timedelta(seconds=3)
        message = stage.message(random.choice((*OPENINGS[:4], *ASIDES[:6])))
        messages.append(message.message_id)
        handling = asyncio.create_task(handle(listeners[0], message, lambda: True))
        for _ in range(steps):
            await asyncio.sleep(0)
        cut_off += handling.cancel()
        await asyncio.wait({handling})
        remembered += await agrees(listeners[0], message.sender)
        parts = listeners[turn // 3 % 2]
        again = await handle(parts, message, lambda: True)
        assert await claim(parts, again, stage.channel.capabilities), message.text
        remembered += await agrees(parts, message.sender)
    assert cut_off > 5 and remembered > 5
    await one_row_each(stage, messages)


async def test_what_is_remembered_is_in_no_log_and_no_trace(stage: Stage) -> None:
    await stage.say("楼上漏水漏到我家")
    assert await agrees(stage.parts, WHO)
    assert "漏水" not in f"{stage.parts!r} {stage.parts.recent!r} {vars(stage.parts.recent).keys()}"
