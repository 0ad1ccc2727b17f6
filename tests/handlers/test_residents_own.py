"""What is a resident's own: cases, buttons, links; and what too many messages do."""

from __future__ import annotations

import dataclasses

from backend.cases.views import CaseView
from backend.conversations import alerts
from backend.domain.lifecycle import Action, Status
from handlers import links, timeline
from handlers.flood import FloodLimit
from handlers.messages import Capabilities
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import open_case


async def resolved(stage: Stage) -> CaseView:
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    return await stage.act(number, Action.RESOLVE, text="已恢复原价")


async def test_somebody_elses_number_shows_nothing(stage: Stage) -> None:
    number = await open_case(stage)
    reply = await stage.say(f"查一下 {number}", user="nosy")
    assert "没有查到" in reply
    assert "物业费" not in reply


async def test_progress_names_the_unit_and_the_link(stage: Stage) -> None:
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    await stage.act(number, Action.NOTE, text="周五上门查看")
    reply = await stage.say("进度")
    for words in ("住建局", "周五上门查看", "https://example.test/c/"):
        assert words in reply


async def test_withdrawing_and_urging(stage: Stage) -> None:
    number = await open_case(stage)
    assert "催办" in await stage.say("催办")
    assert "已经催过" in await stage.say("催办")
    async with stage.parts.database.work() as work:
        case_id = (await stage.case(number)).id
        assert [(alert.kind, alert.case_id) for alert in await alerts.open_alerts(work)] == [
            ("urged", case_id)
        ]
    reply = await stage.say("撤回")
    assert number in reply
    assert "已撤回" in await stage.say("1")
    assert (await stage.case(number)).status is Status.WITHDRAWN


async def test_a_survey_answered_after_the_case_moved_on(stage: Stage) -> None:
    case = await resolved(stage)
    await stage.jobs(days=1)
    await stage.act(case.number, Action.REOPEN, reason="居民来电")
    reply = await stage.say("5")
    assert "新的变化" in reply
    after = await stage.case(case.number)
    assert (after.status, after.round, after.rating) == (Status.ASSIGNED, 2, None)


async def test_a_rating_by_link_counts_once_and_only_in_its_round(stage: Stage) -> None:
    case = await resolved(stage)
    first = await links.rate(stage.parts, case.id, case.reporter_id, 1, 2)
    assert (first.outcome, first.round) == ("reopened", 2)
    assert (await links.rate(stage.parts, case.id, case.reporter_id, 1, 5)).outcome == "moved_on"
    assert (await links.rate(stage.parts, case.id, case.reporter_id + 1, 2, 5)).outcome == "moved_on"
    assert await links.rate_reason(stage.parts, case.id, case.reporter_id, "说好降价没降")
    assert not await links.rate_reason(stage.parts, case.id, case.reporter_id + 1, "不是我的")


async def test_progress_by_link_shows_the_steps_and_not_the_internal_ones(stage: Stage) -> None:
    case = await resolved(stage)
    await stage.act(case.number, Action.COMMENT, text="业主情绪激动")
    shown = await links.progress(stage.parts, case.id, case.reporter_id)
    assert shown is not None
    assert shown.status is Status.RESOLVED
    texts = [text for step in shown.steps for text in step.texts]
    assert texts == ["已恢复原价"]
    assert await links.progress(stage.parts, case.id, case.reporter_id + 1) is None


async def test_too_many_messages_are_kept_and_told_once(stage: Stage) -> None:
    stage.parts = dataclasses.replace(stage.parts, flood=FloodLimit(2))
    replies = [await stage.say(f"第{i}句 楼上漏水") for i in range(5)]
    assert sum("一分钟" in reply for reply in replies) == 1
    own = await timeline.history(stage.parts, stage.message().sender)
    assert own is not None
    assert sum(item.direction == "in" for item in own.items) == 5


async def test_somebody_in_danger_is_heard_over_the_limit(stage: Stage) -> None:
    stage.parts = dataclasses.replace(stage.parts, flood=FloodLimit(1))
    await stage.say("你好")
    assert "12356" in await stage.say("我不想活了")
    async with stage.parts.database.work() as work:
        assert [alert.kind for alert in await alerts.open_alerts(work)] == ["crisis"]


async def test_a_repetition_by_the_channel_counts_as_one(stage: Stage) -> None:
    stage.parts = dataclasses.replace(stage.parts, flood=FloodLimit(2))
    message = stage.message("你好")
    for _ in range(5):
        await stage.send(message)
    assert "一分钟" not in await stage.say("谢谢")


async def test_an_old_button_says_so(stage: Stage) -> None:
    stage.channel.capabilities = Capabilities(reply="passive", buttons=True)
    await stage.say("物业费突然涨到2块8 谁同意的")
    old = stage.replies[0]
    assert [choice.id for choice in old.choices]
    await stage.say("1")
    reply = await stage.say("", kind="choice", choice=old.choices[0].id, prompt_id=old.id)
    assert "过期" in reply


async def test_a_button_of_somebody_else_does_nothing(stage: Stage) -> None:
    stage.channel.capabilities = Capabilities(reply="passive", buttons=True)
    case = await resolved(stage)
    await stage.jobs(days=1)
    survey = stage.channel.sent[-1][1]
    assert [choice.id for choice in survey.choices] == ["5", "4", "3", "2", "1"]
    await stage.say("", user="nosy", kind="choice", choice="1", prompt_id=survey.id)
    assert (await stage.case(case.number)).round == 1
