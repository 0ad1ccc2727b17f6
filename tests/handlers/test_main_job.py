"""The main job on a real database with real jobs: from the first words to the next round."""

from __future__ import annotations

import asyncio
import re

from backend.conversations import alerts
from backend.domain.lifecycle import Action, Status
from handlers.incoming import handle
from handlers.messages import Undeliverable
from tests.fixtures.stage import Stage

NUMBER = re.compile(r"FQ\d{4}-\d{6}")
STORY = "物业费突然涨到2块8 谁同意的"


async def open_case(stage: Stage, user: str = "resident", story: str = STORY) -> str:
    """The shortest way to a number: a sentence, a place, 跳过."""
    reply = await stage.say(story, user)
    for _ in range(12):
        if "提交" in reply or "对吗" in reply or "哪一方面" in reply or "哪方面" in reply:
            reply = await stage.say("1", user)
        elif "号楼" in reply or "地方" in reply or "在哪里" in reply:
            reply = await stage.say("恒大名都8号楼", user)
        else:
            reply = await stage.say("跳过", user)
        if found := NUMBER.search(reply):
            return found[0]
    raise AssertionError(reply)


async def test_a_complaint_gets_a_number_and_is_all_there(stage: Stage) -> None:
    number = await open_case(stage)
    case = await stage.case(number)
    assert case.status is Status.RECEIVED
    assert "2块8" in case.summary
    assert "恒大名都8号楼" in case.place
    assert case.needs_review, "without the model a person checks the category"
    assert case.due_at is not None


async def test_every_step_reaches_the_resident(stage: Stage) -> None:
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    await stage.act(number, Action.NOTE, text="周五上门查看")
    await stage.act(number, Action.COMMENT, text="业主情绪激动")
    await stage.act(number, Action.RESOLVE, text="已恢复原价")
    told = "\n".join(stage.pushed())
    for words in ("已受理", "住建局", "周五上门查看", "已恢复原价"):
        assert words in told
    assert "情绪激动" not in told
    assert len(stage.pushed()) == 4


async def test_dissatisfied_opens_the_next_round_by_the_tap(stage: Stage) -> None:
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    await stage.act(number, Action.RESOLVE, text="已恢复原价")
    await stage.jobs(days=1, minutes=1)
    assert "满意" in stage.pushed()[-1]
    reply = await stage.say("1")
    assert "第2轮" in reply
    assert "哪里没有解决" in reply
    case = await stage.case(number)
    assert (case.status, case.round, case.unit_code) == (Status.ASSIGNED, 2, "zhujian")
    assert "记下了" in await stage.say("说好降价没降")
    before = len(stage.pushed())
    await stage.jobs(days=9)
    assert len(stage.pushed()) == before, "the first round's reminder was cancelled"


async def test_satisfied_closes(stage: Stage) -> None:
    number = await open_case(stage)
    for action, given in (
        (Action.ACCEPT, {}),
        (Action.ASSIGN, {"unit": "zhujian"}),
        (Action.RESOLVE, {"text": "好了"}),
    ):
        await stage.act(number, action, **given)
    await stage.jobs(days=1)
    await stage.say("5")
    case = await stage.case(number)
    assert (case.status, case.rating) == (Status.CLOSED, 5)


async def test_an_unanswered_survey_is_reminded_once_and_closed(stage: Stage) -> None:
    number = await open_case(stage)
    for action, given in (
        (Action.ACCEPT, {}),
        (Action.ASSIGN, {"unit": "zhujian"}),
        (Action.RESOLVE, {"text": "好了"}),
    ):
        await stage.act(number, action, **given)
    await stage.jobs(days=1)
    surveyed = len(stage.pushed())
    await stage.jobs(days=2)
    assert len(stage.pushed()) == surveyed + 1
    assert "https://example.test/s/" in stage.pushed()[-1]
    await stage.jobs(days=3)
    assert (await stage.case(number)).status is Status.CLOSED


async def resolve(stage: Stage) -> str:
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    await stage.act(number, Action.RESOLVE, text="好了")
    return number


def surveys(stage: Stage) -> int:
    return sum("非常不满意" in words for words in stage.pushed())


async def test_a_survey_waits_for_the_morning(stage: Stage) -> None:
    await stage.jobs(hours=12, minutes=30)
    await resolve(stage)
    await stage.jobs(days=1)
    assert surveys(stage) == 0, "22:30 in Shanghai is quiet"
    await stage.jobs(hours=9, minutes=31)
    assert surveys(stage) == 1


async def test_a_survey_waits_for_the_form_and_then_for_the_morning(stage: Stage) -> None:
    await resolve(stage)
    await stage.jobs(hours=23, minutes=59)
    await stage.say("楼上天天吵到半夜 睡不了觉")
    await stage.say("2")
    await stage.jobs(minutes=2)
    assert surveys(stage) == 0, "a form is active"
    await stage.jobs(minutes=31)
    assert surveys(stage) == 1


async def test_a_survey_held_up_in_the_evening_does_not_come_at_night(stage: Stage) -> None:
    await stage.jobs(hours=11, minutes=50)
    await resolve(stage)
    await stage.jobs(hours=23, minutes=55)
    await stage.say("楼上天天吵到半夜 睡不了觉")
    await stage.say("2")
    await stage.jobs(minutes=10)
    await stage.jobs(minutes=40)
    assert surveys(stage) == 0
    await stage.jobs(hours=10)
    assert surveys(stage) == 1


async def test_a_digit_never_answers_a_survey_that_was_not_shown(stage: Stage) -> None:
    number = await resolve(stage)
    await stage.say("楼上天天吵到半夜 睡不了觉")
    stage.channel.outcomes = [Undeliverable("45047", at_next_contact=True)]
    await stage.jobs(days=1)
    await stage.say("1")
    assert (await stage.case(number)).round == 1


async def test_a_survey_that_could_not_be_pushed_comes_with_the_next_reply(stage: Stage) -> None:
    number = await resolve(stage)
    stage.channel.outcomes = [Undeliverable("48001", at_next_contact=True)] * 9
    await stage.jobs(days=1)
    reply = await stage.say("谢谢你们")
    assert reply.endswith("1 非常不满意")
    await stage.say("5")
    assert (await stage.case(number)).status is Status.CLOSED


async def test_a_case_whose_survey_nobody_saw_is_not_closed_but_phoned(stage: Stage) -> None:
    number = await resolve(stage)
    stage.channel.outcomes = [Undeliverable("43004")] * 9
    for _ in range(7):
        await stage.jobs(days=1)
    assert (await stage.case(number)).status is Status.RESOLVED
    async with stage.parts.database.work() as work:
        found = {alert.codes for alert in await alerts.open_alerts(work)}
    assert ("survey_not_delivered",) in found


async def test_the_same_message_three_times_at_once_is_one(stage: Stage) -> None:
    message = stage.message(STORY)
    handled = await asyncio.gather(*(handle(stage.parts, message) for _ in range(3)))
    assert len({h.incoming_id for h in handled}) == 1
    assert sorted(h.duplicate for h in handled) == [False, True, True]
    answers = await asyncio.gather(*(stage.claimed(h) for h in handled))
    assert len(set(answers)) == 1
    assert answers[0]


async def test_many_residents_at_once_are_not_mixed(stage: Stage) -> None:
    users = [f"r{i}" for i in range(40)]

    async def one(user: str) -> None:
        await open_case(stage, user, f"楼上漏水漏到我家{user}房间 天花板都湿了")

    await asyncio.gather(*(one(user) for user in users))
    cases = await stage.cases()
    assert len(cases) == len(users)
    assert {re.search(r"我家(r\d+)房间", case.summary)[1] for case in cases} == set(users)  # type: ignore[index]
    assert len({case.reporter_id for case in cases}) == len(users)


async def test_an_unclaimed_reply_is_pushed_once(stage: Stage) -> None:
    handled = await handle(stage.parts, stage.message("你好"))
    await stage.jobs(seconds=5)
    assert stage.pushed() == []
    await stage.jobs(seconds=20)
    assert len(stage.pushed()) == 1
    assert await stage.claimed(handled) == "", "what was pushed is nobody's response"
