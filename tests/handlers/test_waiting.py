"""Who waits for a person: told once that nobody is there, and nothing of the wait once it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.messages import Undeliverable
from tests.fixtures.stage import Stage
from tests.handlers.test_person import kinds, officer, take

NOBODY = "没有工作人员在线"
BUSY = "没腾出手"
LONG = "让您久等了"


async def test_who_knows_that_nobody_is_online_hears_it_once_more(stage: Stage) -> None:
    assert NOBODY in await stage.say("人工")
    await stage.say("2")
    await stage.jobs(minutes=4)
    assert stage.pushed() == [], "it was said three minutes ago"
    assert "unanswered" in await kinds(stage)
    for _ in range(30):
        await stage.jobs(minutes=31)
    assert [words.splitlines()[0] for words in stage.pushed()] == [
        f"{LONG}，现在{NOBODY}。您说的都留着。您可以先留言登记，上班后有人看，也可以继续等。"
    ]


async def test_who_was_to_be_connected_is_told_when_nobody_is_left(stage: Stage) -> None:
    await officer(stage)
    await stage.say("人工")
    await stage.jobs(minutes=4)
    assert NOBODY in stage.pushed()[-1]
    assert BUSY not in stage.pushed()[-1]
    assert "一来就能看到" in await stage.say("2")


async def test_who_left_and_calls_again_is_told_again(stage: Stage) -> None:
    await stage.say("人工")
    await stage.say("不等了")
    await officer(stage)
    assert "正在接入人工" in await stage.say("人工")
    await stage.jobs(minutes=4)
    assert NOBODY in stage.pushed()[-1], "what was said in an earlier wait does not count"


async def test_a_wait_that_was_left_says_nothing_in_the_next(stage: Stage) -> None:
    await stage.say("人工")
    await stage.jobs(minutes=4)
    await stage.say("不等了")
    stage.now += timedelta(minutes=28)
    assert NOBODY in await stage.say("人工")
    await stage.jobs(minutes=4)
    assert stage.pushed() == []


async def test_staff_who_are_there_are_busy(stage: Stage) -> None:
    await stage.say("人工")
    stage.now += stage.parts.live_chat_wait
    await officer(stage)
    await stage.jobs()
    assert BUSY in stage.pushed()[-1]


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


async def test_what_was_held_is_told_once_beside_the_line(stage: Stage) -> None:
    await stage.say("人工")
    await stage.jobs(minutes=4)
    stage.channel.outcomes = [Undeliverable("no_push", at_next_contact=True)]
    await stage.jobs(minutes=31)
    assert not stage.channel.outcomes, "it was tried"
    first = await stage.say("有人吗")
    assert first.index("“登记”") < first.index(LONG)
    assert LONG not in await stage.say("怎么没人理我")
    await stage.jobs(minutes=1)
    assert stage.pushed() == []
    assert "好的，不等了" in await stage.say("1")


async def test_who_calls_again_is_told_how_it_stands_and_not_what_was_held(stage: Stage) -> None:
    await held_word_about_the_wait(stage)
    reply = await stage.say("人工")
    assert NOBODY in reply
    assert LONG not in reply
    await stage.jobs(minutes=1)
    assert stage.pushed() == []


@pytest.mark.parametrize("words", ["登记", "不等了"])
async def test_who_waits_no_longer_hears_nothing_more_of_the_wait(stage: Stage, words: str) -> None:
    await held_word_about_the_wait(stage)
    reply = await stage.say(words)
    assert "好的，不等了" in reply
    assert LONG not in reply
    await stage.jobs(hours=1)
    assert not any(LONG in words for words in stage.pushed())
