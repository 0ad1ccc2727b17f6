"""A reply that is taken with its commit for a response that waits: told once, whatever becomes of that."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from backend.conversations import listeners
from backend.conversations.views import Sender
from backend.db.database import Database
from backend.db.named import named
from handlers.flood import FloodLimit
from handlers.incoming import Handled, claim, handle
from handlers.messages import Capabilities, IncomingMessage
from handlers.stash import keep, settle
from tests.fixtures.stage import Stage

STORY = "楼上漏水漏到我家"


async def carried(stage: Stage, message: IncomingMessage) -> Handled:
    return await handle(stage.parts, message, lambda: True)


async def test_a_waiting_response_gets_its_reply_with_the_commit(stage: Stage) -> None:
    handled = await carried(stage, stage.message(STORY))
    assert handled.replies is not None
    assert await claim(stage.parts, handled, stage.channel.capabilities) == handled.replies
    await stage.jobs(minutes=1)
    assert stage.pushed() == []


async def test_a_repetition_gets_the_same(stage: Stage) -> None:
    message = stage.message(STORY)
    first = await carried(stage, message)
    stage.now += timedelta(seconds=5)
    again = await carried(stage, message)
    assert again.duplicate and again.replies is None
    assert await claim(stage.parts, again, stage.channel.capabilities) == first.replies


async def test_its_question_is_the_one_that_a_digit_answers(stage: Stage) -> None:
    reply = ""
    for words in (STORY, "1", "恒大名都8号楼"):
        stage.now += timedelta(seconds=3)
        handled = await carried(stage, stage.message(words))
        assert handled.replies
        reply = handled.replies[0].text
    assert await stage.say("跳过") != reply


async def test_a_response_that_was_given_up_while_the_reply_was_taken_is_made_good(stage: Stage) -> None:
    message = stage.message(STORY)

    def awaited() -> bool:
        stage.now += timedelta(seconds=1)
        return True

    handled = await handle(stage.parts, message, awaited)
    await keep(stage.parts, message)
    await settle(stage.parts, message, handled)
    await stage.jobs(minutes=1)
    assert len(stage.pushed()) == 1


async def test_one_that_was_given_up_and_promised_nothing_is_made_good_too(stage: Stage) -> None:
    still = [True, False]
    handled = await handle(stage.parts, stage.message(STORY), lambda: still.pop(0))
    assert handled.replies is None and still == []
    await stage.jobs(seconds=19)
    assert stage.pushed() == [], "its channel may still ask again"
    await stage.jobs(seconds=2)
    assert len(stage.pushed()) == 1


async def test_what_a_repetition_took_is_not_pushed_besides(stage: Stage) -> None:
    message = stage.message(STORY)

    def awaited() -> bool:
        stage.now += timedelta(seconds=1)
        return True

    handled = await handle(stage.parts, message, awaited)
    await keep(stage.parts, message)
    stage.now += timedelta(seconds=1)
    assert await stage.claimed(await carried(stage, message)), "the second delivery carried it"
    await settle(stage.parts, message, handled)
    await stage.jobs(minutes=1)
    assert stage.pushed() == []


async def test_the_process_dies_after_it_gave_the_response_up(stage: Stage) -> None:
    message = stage.message(STORY)
    await carried(stage, message)
    await keep(stage.parts, message)
    await stage.jobs(seconds=11)
    assert len(stage.pushed()) == 1


async def test_when_nobody_waits_any_more_the_reply_waits(stage: Stage) -> None:
    message = stage.message(STORY)
    handled = await handle(stage.parts, message, lambda: False)
    assert handled.replies is None
    await stage.jobs(seconds=21)
    assert len(stage.pushed()) == 1


async def test_a_channel_without_replies_in_its_responses_pushes(stage: Stage) -> None:
    stage.channel.capabilities = Capabilities(reply="push")
    handled = await carried(stage, stage.message(STORY))
    assert handled.replies is None
    await stage.jobs()
    assert len(stage.pushed()) == 1


async def test_a_flood_is_answered_by_a_claim(stage: Stage) -> None:
    stage.parts = dataclasses.replace(stage.parts, flood=FloodLimit(1))
    first = await carried(stage, stage.message(STORY))
    over = await carried(stage, stage.message("还有"))
    assert first.replies and over.replies is None
    assert await stage.claimed(over)


def test_the_flood_limit_counts_a_moving_minute_for_each_resident() -> None:
    now = [0.0]
    flood = FloodLimit(2, clock=lambda: now[0])
    anna, ben = Sender("stage", "anna"), Sender("stage", "ben")
    assert [flood.allows(anna) for _ in range(3)] == [True, True, False]
    assert flood.is_over(anna) and not flood.is_over(ben)
    assert [flood.tell(anna), flood.tell(anna), flood.tell(ben)] == [True, False, True]
    now[0] = 30
    assert flood.allows(ben)
    now[0] = 61
    assert flood.allows(anna) and flood.tell(anna)
    assert flood.allows(ben) and not flood.allows(ben)
    now[0] = 300
    assert not flood.is_over(ben)
    assert not flood._answered, "who fell silent is forgotten"


# --- the process dies between the commit and the response ---------------------------------------------


@asynccontextmanager
async def listener(stage: Stage, name: str) -> AsyncIterator[Stage]:
    """The stage as one listener has it; it has said that it is there."""
    database = Database(named(stage.parts.database.conninfo, name), clock=lambda: stage.now)
    async with database.work() as work:
        await listeners.sign(work, name)
        await work.commit()
    yield Stage(dataclasses.replace(stage.parts, database=database), stage.channel, stage.now)
    await database.close()


async def test_a_reply_that_a_process_took_along_when_it_died_is_pushed(stage: Stage) -> None:
    async with listener(stage, "a") as here:
        handled = await carried(here, stage.message(STORY))
    assert handled.replies
    await stage.jobs(seconds=19)
    assert stage.pushed() == [], "its channel may still ask again"
    await stage.jobs(seconds=2)
    assert stage.pushed() == [reply.text for reply in handled.replies]
    await stage.jobs(minutes=5)
    assert len(stage.pushed()) == 1, "once"


async def test_one_that_a_repetition_carried_elsewhere_is_not(stage: Stage) -> None:
    message = stage.message(STORY)
    async with listener(stage, "a") as here:
        await carried(here, message)
    stage.now += timedelta(seconds=5)
    async with listener(stage, "b") as there:
        assert await stage.claimed(await carried(there, message))
        stage.now += timedelta(seconds=16)
        async with there.parts.database.work() as work:
            await listeners.sign(work, "b")
            await work.commit()
        await stage.jobs()
    assert stage.pushed() == []


async def test_nor_those_of_another_process_nor_of_long_before(stage: Stage) -> None:
    async with listener(stage, "a") as here, listener(stage, "b") as there:
        await carried(here, stage.message(STORY, "long before"))
        stage.now += timedelta(minutes=10)
        for name in "ab":
            async with here.parts.database.work() as work:
                await listeners.sign(work, name)
                await work.commit()
        await carried(there, stage.message(STORY, "elsewhere"))
        await carried(here, stage.message(STORY, "here"))
        stage.now += timedelta(seconds=21)
        async with there.parts.database.work() as work:
            await listeners.sign(work, "b")
            await work.commit()
        await stage.jobs()
    assert [who for who, _ in stage.channel.sent] == ["here"]


async def test_nor_one_after_which_the_resident_wrote(stage: Stage) -> None:
    async with listener(stage, "a") as here:
        await carried(here, stage.message(STORY))
    await stage.say("1")
    await stage.jobs(seconds=21)
    assert stage.pushed() == []


async def test_nor_one_that_a_restored_backup_knows_of(stage: Stage) -> None:
    async with listener(stage, "a") as here:
        await carried(here, stage.message(STORY))
    await stage.jobs(days=2)
    assert stage.pushed() == []
    async with stage.parts.database.work() as work:
        assert await work.run("select name from listeners", {}) is None


async def test_nor_of_one_that_ended_in_good_order(stage: Stage) -> None:
    async with listener(stage, "a") as here:
        await carried(here, stage.message(STORY))
        async with here.parts.database.work() as work:
            await listeners.sign_off(work, "a")
            await work.commit()
    await stage.jobs(minutes=1)
    assert stage.pushed() == []
