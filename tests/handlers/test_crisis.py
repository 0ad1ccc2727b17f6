"""Somebody is in danger: the number first, then honest words on whether staff are there."""

from __future__ import annotations

from datetime import timedelta

from backend.conversations import alerts, handover
from tests.fixtures.stage import Stage
from tests.handlers.test_person import officer, take

DANGER = "他拿着刀在我家门口"


async def crises(stage: Stage) -> list[tuple[str, ...]]:
    async with stage.parts.database.work() as work:
        return [alert.codes for alert in await alerts.open_alerts(work) if alert.kind == "crisis"]


async def reasons(stage: Stage) -> list[str]:
    async with stage.parts.database.work() as work:
        return [chat.reason for chat in await handover.chats(work)]


async def test_staff_on_duty_are_said_to_be_told(stage: Stage) -> None:
    await officer(stage)
    reply = await stage.say(DANGER)
    assert reply.index("110") < reply.index("已通知值班人员，正在接入人工")
    assert "没有工作人员" not in reply


async def test_nobody_on_duty_is_not_said_to_be_told(stage: Stage) -> None:
    reply = await stage.say(DANGER)
    assert reply.index("110") < reply.index("现在没有工作人员在线，请马上打上面的电话")
    assert "已通知" not in reply
    assert reply.endswith("1 留言登记\n2 继续等")
    assert await crises(stage) == [("violence",)]
    assert await reasons(stage) == ["crisis"]


async def test_who_told_of_danger_gets_the_number_again_while_nobody_comes(stage: Stage) -> None:
    await stage.say(DANGER)
    await stage.jobs(minutes=4)
    assert "马上打110" in stage.pushed()[-1]
    assert "没腾出手" not in stage.pushed()[-1]
    assert stage.pushed()[-1].endswith("1 留言登记\n2 继续等")
    await stage.say("家里着火了")
    await stage.jobs(minutes=40)
    assert "马上打119" in stage.pushed()[-1]


async def test_an_officer_who_fell_silent_leaves_the_number_too(stage: Stage) -> None:
    member = await officer(stage)
    await stage.say(DANGER)
    await take(stage, member)
    await stage.say("还在砸门")
    await stage.jobs(minutes=10)
    assert "马上打110" in stage.pushed()[-1]


async def test_accidents_are_alerted_as_other_dangers_are(stage: Stage) -> None:
    reply = await stage.say("着火了快来")
    assert reply.index("119") < reply.index("现在没有工作人员在线")
    assert await crises(stage) == [("fire",)]
    assert await reasons(stage) == ["crisis"]
    assert "119" in await stage.say("三楼")


async def test_in_the_middle_of_a_form_the_card_comes_first(stage: Stage) -> None:
    await stage.say("物业费突然涨到2块8 谁同意的")
    reply = await stage.say("煤气泄漏了")
    assert reply.startswith("请马上打开门窗")
    assert "电话" in await stage.say("1"), "registered without another question before the phone number"


async def test_somebody_who_waits_hears_whether_anybody_is_there(stage: Stage) -> None:
    await officer(stage)
    await stage.say("人工")
    assert "已通知值班人员" in await stage.say(DANGER)
    stage.now += timedelta(hours=1)
    reply = await stage.say("我不想活了")
    assert reply.index("12356") < reply.index("现在没有工作人员在线")
    assert await crises(stage) == [("self_harm",), ("violence",)]
    assert "一来就能看到" in await stage.say("2")


async def test_a_crowd_is_passed_on_without_a_queue(stage: Stage) -> None:
    reply = await stage.say("我们三十多个人准备去工地堵门要工资")
    assert "已经转给工作人员" in reply
    assert "值班" not in reply
    assert await crises(stage) == [("gathering",)]
    assert await reasons(stage) == []
