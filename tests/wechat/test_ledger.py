"""The ledger of customer service messages: what it grants WeChat allows, whoever asks, however often."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from backend.conversations import entry
from backend.conversations import standing as standings
from backend.conversations.views import Sender
from backend.db.database import Database
from bot.wechat.errors import NotReached
from bot.wechat.ledger import Grant, SqlLedger
from bot.wechat.windows import NotAllowed, Share
from tests.wechat.clock import SimulatedClock
from tests.wechat.limits import User

RESIDENT = Sender("wechat", "oResident")
CONTACTS = {"message": "text", "menu": "choice", "follow": "subscribe", "scan": "open"}
_ids = itertools.count(1)


@dataclass
class Book:
    """The ledger of one database, and residents whose messages arrive there."""

    ledger: SqlLedger
    database: Database
    clock: SimulatedClock

    async def heard(self, what: str, sender: Sender = RESIDENT) -> None:
        async with self.database.work() as work:
            conversation = await entry.lock(work, sender)
            await entry.receive(
                work,
                conversation.conversation_id,
                entry.Incoming(f"m{next(_ids)}", CONTACTS[what], "您好" if what == "message" else "", {}),
            )
            await work.commit()

    async def take(self, messages: int = 1) -> Grant:
        return await self.ledger.take(RESIDENT, messages)

    async def refusal(self, messages: int = 1) -> str:
        with pytest.raises(NotAllowed) as reason:
            await self.take(messages)
        return str(reason.value)


@pytest_asyncio.fixture
async def book(database_url: str, clock: SimulatedClock) -> AsyncIterator[Book]:
    database = Database(database_url, clock=clock)
    yield Book(SqlLedger(database), database, clock)
    await database.close()


async def test_five_within_48_hours_of_a_message(book: Book) -> None:
    assert await book.refusal() == "window_closed", "somebody who never wrote"
    await book.heard("message")
    for _ in range(5):
        assert (await book.take()).share == Share(wrote=1)
    assert await book.refusal() == "too_many"
    await book.heard("message")
    await book.take(2)
    assert await book.refusal(4) == "too_many", "a message goes as a whole or not at all"
    await book.take(3)
    await book.heard("message")
    book.clock.advance(hours=48)
    assert await book.refusal() == "window_closed"


@pytest.mark.parametrize("what", ["menu", "follow", "scan"])
async def test_three_within_a_minute_of_a_touch(book: Book, what: str) -> None:
    await book.heard(what)
    for _ in range(3):
        assert (await book.take()).share == Share(touched=1)
    assert await book.refusal() == "too_many"
    await book.heard(what)
    book.clock.advance(seconds=60)
    assert await book.refusal() == "window_closed"


async def test_what_ends_first_is_used_first(book: Book) -> None:
    await book.heard("message")
    await book.heard("menu")
    assert (await book.take(2)).share == Share(touched=2)
    assert (await book.take(2)).share == Share(touched=1, wrote=1)
    book.clock.advance(minutes=2)
    assert (await book.take(4)).share == Share(wrote=4)
    assert await book.refusal() == "too_many"


async def test_what_was_not_sent_is_given_back(book: Book) -> None:
    await book.heard("message")
    grant = await book.take(5)
    await book.ledger.give_back(grant)
    await book.take(5)
    assert await book.refusal() == "too_many"
    await book.heard("message")
    await book.take(5)
    await book.ledger.give_back(grant)
    assert await book.refusal() == "too_many", "what belongs to an earlier contact changes nothing"


async def test_a_refusal_closes_the_way_until_the_next_contact(book: Book) -> None:
    await book.heard("message")
    grant = await book.take()
    await book.ledger.close(grant, "45047_too_many", left=False)
    assert await book.refusal() == "45047_too_many"
    await book.heard("menu")
    assert await book.take()


async def test_a_refusal_that_the_resident_has_overtaken_closes_nothing(book: Book) -> None:
    await book.heard("message")
    grant = await book.take()
    await book.heard("message")
    assert await book.take()
    await book.ledger.close(grant, "45015_window_closed", left=True)
    assert await book.take()


async def test_who_left_is_not_written_to_until_they_come_back(book: Book) -> None:
    await book.heard("message")
    await book.ledger.close(await book.take(), "43004_not_following", left=True)
    assert await book.refusal() == "not_following"
    await book.heard("follow")
    assert await book.take()


async def test_leaving_is_told_by_whichever_was_later(book: Book) -> None:
    await book.heard("message")
    at = book.clock()
    book.clock.advance(minutes=1)
    await book.heard("follow")
    for moment, refused in ((at, False), (book.clock(), True)):
        async with book.database.work() as work:
            assert (await standings.leave(work, RESIDENT, moment) is not None) is refused
            await work.commit()
    assert await book.refusal() == "not_following"


async def test_all_processes_share_it(database_url: str, book: Book, clock: SimulatedClock) -> None:
    await book.heard("message")
    databases = [Database(database_url, clock=clock, pool_size=2) for _ in range(4)]
    asked = [SqlLedger(database).take(RESIDENT, 1) for database in databases for _ in range(4)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, Grant) for answer in answers) == 5
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 11
    for database in databases:
        await database.close()


@pytest.mark.parametrize("seed", range(5))
async def test_what_it_grants_wechat_allows(book: Book, seed: int) -> None:
    """Random lives of one resident against the published limits; the first contact is a message."""
    dice, user = random.Random(seed), User()
    await book.heard("message")
    user.did("message", book.clock())
    granted = refused = 0
    for _ in range(60):
        book.clock.advance(seconds=dice.choice([1, 20, 59, 61, 3600, 24 * 3600]))
        if dice.random() < 0.4:
            what = dice.choice(list(CONTACTS))
            await book.heard(what)
            user.did(what, book.clock())
        try:
            grant = await book.take(dice.choice([1, 1, 2]))
        except NotAllowed:
            refused += 1
            continue
        granted += 1
        for _ in range(grant.share.wrote + grant.share.touched):
            user.use_window(book.clock())
    assert granted and refused


async def test_without_the_database_nothing_is_sent_blindly(clock: SimulatedClock) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", clock=clock)
    with pytest.raises(NotReached):
        await SqlLedger(database).take(RESIDENT, 1)
    grant = Grant(standings.Standing(1, 1, 1, clock(), None, None, 0, 0, {}, False), Share(wrote=1))
    await SqlLedger(database).give_back(grant)
    await SqlLedger(database).close(grant, "45015", left=True)
    await database.close()
