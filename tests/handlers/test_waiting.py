"""Who waits for a person: nothing more is said of the wait once it is over."""

from __future__ import annotations

import pytest

from handlers.messages import Undeliverable
from tests.fixtures.stage import Stage
from tests.handlers.test_person import officer, take

LONG = "让您久等了"


async def held_word_about_the_wait(stage: Stage) -> None:
    """A channel that may not write first: what is said of the wait is kept for the next contact."""
    await officer(stage)
    await stage.say("人工")
    stage.channel.outcomes = [Undeliverable("no_push", at_next_contact=True)]
    await stage.jobs(minutes=4)
    assert stage.pushed() == []
    assert not stage.channel.outcomes, "it was tried"


async def test_an_officer_who_comes_ends_what_was_held_of_the_wait(stage: Stage) -> None:
    await held_word_about_the_wait(stage)
    stage.channel.outcomes = [Undeliverable("no_push", at_next_contact=True)]
    await take(stage, await officer(stage))
    reply = await stage.say("好的")
    assert "请直接说" in reply
    assert LONG not in reply
    await stage.jobs(minutes=1)
    assert not any(LONG in words for words in stage.pushed())


@pytest.mark.parametrize("words", ["登记", "不等了"])
async def test_who_waits_no_longer_hears_nothing_more_of_the_wait(stage: Stage, words: str) -> None:
    await held_word_about_the_wait(stage)
    reply = await stage.say(words)
    assert "好的，不等了" in reply
    assert LONG not in reply
    await stage.jobs(hours=1)
    assert not any(LONG in words for words in stage.pushed())
