"""A person instead of the bot: the queue, honest words, silence while somebody is there, and back again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from backend.conversations import alerts, handover, turns
from backend.conversations.views import Sender
from backend.organisation.accounts import Member, authenticate, ensure_admin
from backend.organisation.tables import StaffRow
from backend.workbench import chat_desk
from tests.fixtures.stage import Stage

PASSWORD = "an officer's long password"


async def officer(stage: Stage, *, present: bool = True) -> Member:
    """The administrator, who may take chats; `present` = the workbench is open now."""
    async with stage.parts.database.work() as work:
        await ensure_admin(work, PASSWORD)
        seen_at = work.now if present else work.now - timedelta(hours=1)
        await work.session.execute(update(StaffRow).values(seen_at=seen_at))
        await work.commit()
    async with stage.parts.database.work() as work:
        member = await authenticate(work, "admin", PASSWORD)
    assert member is not None
    return member


async def conversation_id(stage: Stage) -> int:
    async with stage.parts.database.work() as work:
        opened = await turns.peek(work, Sender("stage", "resident"))
    assert opened is not None
    return opened.conversation_id


async def kinds(stage: Stage) -> list[str]:
    async with stage.parts.database.work() as work:
        return [alert.kind for alert in await alerts.open_alerts(work)]


async def take(stage: Stage, member: Member) -> int:
    chat = await conversation_id(stage)
    async with stage.parts.database.work() as work:
        assert await chat_desk.take(work, chat, member)
        await work.commit()
    await stage.jobs()
    return chat


async def test_an_officer_takes_writes_and_hands_back_where_it_was(stage: Stage) -> None:
    member = await officer(stage)
    question = await stage.say("物业费突然涨到2块8 谁同意的")
    assert "正在接入人工" in await stage.say("人工")
    chat = await take(stage, member)
    assert "请直接说" in stage.pushed()[-1]
    assert await stage.say("楼道灯也坏了") == "", "while a person has it the bot is silent"
    async with stage.parts.database.work() as work:
        assert await chat_desk.say(work, chat, member, "我来帮您看看", None)
        await work.commit()
    await stage.jobs()
    assert stage.pushed()[-1] == "我来帮您看看"
    async with stage.parts.database.work() as work:
        assert await chat_desk.hand_back(work, chat, member)
        await work.commit()
    await stage.jobs()
    assert stage.pushed()[-1].splitlines()[-1] == question.splitlines()[-1]
    assert "小区" in await stage.say("1")


async def test_nobody_on_duty_is_said_at_once_and_a_message_can_be_left(stage: Stage) -> None:
    assert "没有工作人员" in await stage.say("我要找人工")
    await stage.say("楼上天天半夜蹦迪 睡不了觉")
    reply = await stage.say("1")
    assert "邻里" in reply
    async with stage.parts.database.work() as work:
        assert await handover.chats(work) == []


async def test_nobody_came_is_said_honestly_twice_and_not_all_night(stage: Stage) -> None:
    await officer(stage)
    await stage.say("人工")
    await stage.jobs(minutes=4)
    assert "久等" in stage.pushed()[-1]
    assert "unanswered" in await kinds(stage)
    assert "一来就能看到" in await stage.say("2")
    for _ in range(30):
        await stage.jobs(minutes=31)
    assert sum("久等" in words for words in stage.pushed()) == 2
    assert (await kinds(stage)).count("unanswered") == 1


async def test_the_second_word_about_waiting_comes_in_the_morning(stage: Stage) -> None:
    await stage.jobs(hours=13)
    await stage.say("人工")
    await stage.jobs(minutes=4)
    first = len(stage.pushed())
    await stage.jobs(hours=2)
    assert len(stage.pushed()) == first
    await stage.jobs(hours=7)
    assert len(stage.pushed()) == first + 1


async def test_an_officer_who_is_there_but_silent(stage: Stage) -> None:
    member = await officer(stage)
    await stage.say("人工")
    await take(stage, member)
    await stage.say("在吗")
    stage.now += timedelta(minutes=4)
    await officer(stage)
    await stage.jobs()
    assert "还在" in stage.pushed()[-1]


async def test_an_officer_who_left_loses_the_chat_to_the_queue(stage: Stage) -> None:
    member = await officer(stage)
    await stage.say("人工")
    chat = await take(stage, member)
    await stage.say("在吗")
    await stage.say("有人吗")
    await stage.jobs(minutes=4)
    assert "久等" in stage.pushed()[-1]
    async with stage.parts.database.work() as work:
        assert [(c.conversation_id, c.mode) for c in await handover.chats(work)] == [(chat, "waiting")]


async def test_an_answered_resident_hears_nothing_more(stage: Stage) -> None:
    member = await officer(stage)
    await stage.say("人工")
    chat = await take(stage, member)
    await stage.say("在吗")
    async with stage.parts.database.work() as work:
        await chat_desk.say(work, chat, member, "在的", None)
        await work.commit()
    await stage.jobs(minutes=10)
    assert stage.pushed()[-1] == "在的"


async def test_a_crisis_comes_before_everything_and_alerts(stage: Stage) -> None:
    await officer(stage)
    reply = await stage.say("他拿着刀在我家门口")
    assert reply.index("110") < 40
    assert "crisis" in await kinds(stage)
    async with stage.parts.database.work() as work:
        assert [c.reason for c in await handover.chats(work)] == ["crisis"]


async def test_an_officer_silenced_by_a_crisis_word_still_gets_the_alert(stage: Stage) -> None:
    member = await officer(stage)
    await stage.say("人工")
    await take(stage, member)
    assert await stage.say("我不想活了") == ""
    assert "crisis" in await kinds(stage)
