"""A complaint that was left for days, on the real database: the next one is not swallowed by it."""

from __future__ import annotations

from datetime import timedelta

from backend.cases import queries
from backend.cases.views import Actor
from backend.conversations import turns
from backend.conversations.views import Sender
from backend.domain.lifecycle import Role
from tests.fixtures.stage import Stage

WAGES = "老板拖欠工资三个月不给"


async def leave(stage: Stage) -> None:
    """A leak is told up to the question where it is; days pass."""
    await stage.say("楼上漏水把我家泡了 邻居不管")
    assert "在哪里发生" in await stage.say("4" if "4 邻里" in stage.replies[0].text else "1")
    stage.now += timedelta(days=12)


async def test_the_next_complaint_is_a_new_one(stage: Stage) -> None:
    await leave(stage)
    reply = await stage.say(WAGES)
    assert "还没有登记完" in reply
    assert "1 接着登记（邻里：楼上漏水" in reply
    reply = await stage.say("2")
    assert "前面那件我记着" in reply
    for _ in range(9):
        if "编号" in reply:
            break
        reply = await stage.say("1" if "1 " in reply else "跳过")
    async with stage.parts.database.work() as work:
        resident = await turns.peek(work, Sender("stage", "resident"))
        assert resident is not None
        (case,) = await queries.of_resident(work, resident.resident_id, work.now - timedelta(days=1))
        case = await queries.find_by_id(work, case.id, Actor(Role.ADMIN))
    assert case.summary == WAGES
    assert "您还有一件事没登记：“楼上漏水把我家泡了" in reply
    assert "这一件不登记了" in await stage.say("不用了")


async def test_the_answer_is_still_an_answer(stage: Stage) -> None:
    await leave(stage)
    assert "接着登记" in await stage.say("恒大名都8号楼")
    assert "从什么时候" in await stage.say("1")
