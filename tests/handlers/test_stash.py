"""A promised message: worked on for certain, its reply told once."""

from __future__ import annotations

from datetime import timedelta

from handlers.incoming import claim, handle
from handlers.stash import keep, settle
from tests.fixtures.stage import Stage


async def test_a_promise_that_did_not_get_out_says_nothing_twice(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    await keep(stage.parts, message)
    stage.now += timedelta(seconds=5)
    handled = await handle(stage.parts, message)
    assert await claim(stage.parts, handled, stage.channel.capabilities), "the channel asked once more"
    await stage.jobs(seconds=12)
    assert stage.pushed() == []


async def test_a_reply_that_an_abandoned_response_took_is_pushed(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    handled = await handle(stage.parts, message)
    assert await claim(stage.parts, handled, stage.channel.capabilities)
    stage.now += timedelta(seconds=5)
    await keep(stage.parts, message)
    await stage.jobs(seconds=12)
    assert len(stage.pushed()) == 1


async def test_what_was_settled_is_not_taken_up(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    await keep(stage.parts, message)
    await keep(stage.parts, message)
    await settle(stage.parts, message, await handle(stage.parts, message))
    await stage.jobs(minutes=1)
    assert len(stage.pushed()) == 1


async def test_a_dead_process_leaves_it_to_the_worker(stage: Stage) -> None:
    await keep(stage.parts, stage.message("楼上漏水漏到我家"))
    await stage.jobs(seconds=5)
    assert stage.pushed() == [], "the process that promised may still be at it"
    await stage.jobs(seconds=6)
    assert len(stage.pushed()) == 1
