"""Two disputes in one message, on a real database: two cases, each with its own part, none twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio

from dialogs.texts import text
from handlers.incoming import handle
from handlers.timeline import history
from handlers.unsubmitted import remind
from nlu.client import NluClient
from tests.fixtures.stage import Stage
from tests.nlu.fake_rasa import FakeRasa, answer

LIFT, WAGES = "物业电梯三天没修了", "我老公打工的工地欠他四万块"
BOTH = f"{LIFT} 还有{WAGES}"


@pytest_asyncio.fixture
async def told(stage: Stage) -> AsyncIterator[Stage]:
    """A stage whose model knows the two matters and nothing else."""
    rasa = FakeRasa()
    rasa.answer = answer("其他", 0.3)
    rasa.answers = {BOTH: answer("物业", 0.6), LIFT: answer("物业"), WAGES: answer("劳资")}
    await rasa.start()
    stage.parts = replace(stage.parts, nlu=NluClient(rasa.url))
    yield stage
    await stage.parts.nlu.aclose()
    await rasa.stop()


async def say_twice(stage: Stage, text: str) -> str:
    """A message that its channel delivers twice."""
    message = replace(stage.message(text), at=stage.now)
    reply = await stage.send(message)
    again = await handle(stage.parts, message)
    assert again.duplicate
    assert await stage.claimed(again) in (reply, "")
    await stage.jobs(seconds=3)
    return reply


async def test_two_cases_each_with_its_own_part_and_none_twice(told: Stage) -> None:
    reply = await say_twice(told, BOTH)
    assert "您说了两件事" in reply
    for answer_given in ("1", "恒大名都8号楼", "三天了", "跳过"):
        reply = await say_twice(told, answer_given)
    assert "请核对" in reply
    reply = await say_twice(told, "1")
    assert "已登记，编号" in reply
    assert f"您还有一件事没登记：“{WAGES}”（劳资）" in reply
    for answer_given in ("1", "包头市昆区工地", "去年", "跳过"):
        reply = await say_twice(told, answer_given)
    assert "金额：40000元" in reply
    assert "已登记，编号" in await say_twice(told, "1")
    cases = await told.cases()
    assert [(case.category, case.summary) for case in cases] == [("property", LIFT), ("labour", WAGES)]
    assert len({case.number for case in cases}) == 2
    assert not any(case.needs_review for case in cases)
    written = await history(told.parts, told.message().sender)
    assert [item.text for item in written.items].count(BOTH) == 1, "the whole message is in the conversation"


async def test_one_matter_after_all_is_one_case_with_every_word(told: Stage) -> None:
    await told.say(BOTH)
    for answer_given in ("其实是一件事", "1", "恒大名都8号楼", "三天了", "跳过", "1"):
        await told.say(answer_given)
    (case,) = await told.cases()
    assert case.summary == BOTH


async def test_the_second_matter_can_be_left(told: Stage) -> None:
    await told.say(BOTH)
    for answer_given in ("2", "包头市昆区工地", "去年", "跳过", "跳过", "1"):
        reply = await told.say(answer_given)
    assert "物业电梯三天没修了" in reply
    assert "不登记了" in await told.say("不用了")
    assert len(await told.cases()) == 1


async def test_each_of_two_matters_is_reminded_of_once(told: Stage) -> None:
    await told.say(BOTH)
    await told.say("1")
    assert await reminded_later(told) == await reminded_later(told) == 1
    for answer_given in ("恒大名都8号楼", "三天了", "跳过", "1"):
        reply = await told.say(answer_given)
    assert f"您还有一件事没登记：“{WAGES}”（劳资）" in reply
    assert await reminded_later(told) == 2
    await told.say("1")
    assert await reminded_later(told) == 2


async def reminded_later(stage: Stage) -> int:
    """How many reminders were sent so far, after half an hour of silence."""
    stage.now += timedelta(minutes=30)
    await remind(stage.parts)
    await stage.jobs()
    return sum(text("unsubmitted.kept") in words for words in stage.pushed())
