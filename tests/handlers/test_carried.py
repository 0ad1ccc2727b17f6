"""A reply that is taken with its commit for a response that waits: told once, whatever becomes of that."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from backend.conversations.views import Sender
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
