"""Told and not handed in: reminded once, at a decent hour, and only while it is true."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from backend.conversations import timeline, turns
from backend.conversations.views import Opened, OutgoingView, Sender
from dialogs.texts import text
from dialogs.unsubmitted import AFTER
from handlers import saying, unsubmitted
from handlers.messages import IncomingAttachment
from handlers.stash import keep
from handlers.unsubmitted import remind
from tests.fixtures.media import plain_photo
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import NUMBER, STORY, open_case

KEPT = text("unsubmitted.kept")
ASKED = "【物业】"


async def left(stage: Stage, user: str = "resident") -> None:
    """Somebody tells what happened, is asked for the category, and half an hour passes."""
    assert ASKED in await stage.say(STORY, user)
    stage.now += timedelta(minutes=30)


async def reminders(stage: Stage) -> list[OutgoingView]:
    return await of_kind(stage, "reminder")


async def of_kind(stage: Stage, kind: str) -> list[OutgoingView]:
    conversation = await opened(stage)
    async with stage.parts.database.work() as work:
        found = await timeline.read(work, conversation.conversation_id)
    return [view for view in found.outgoing if view.kind == kind]


async def opened(stage: Stage, user: str = "resident") -> Opened:
    async with stage.parts.database.work() as work:
        found = await turns.peek(work, Sender("stage", user))
    assert found is not None
    return found


def reminded(stage: Stage) -> int:
    return sum(KEPT in words for words in stage.pushed())


# --- once --------------------------------------------------------------------------------------------


async def test_whoever_went_silent_is_asked_again_and_a_digit_answers(stage: Stage) -> None:
    await stage.say(STORY)
    stage.now += timedelta(minutes=20)
    await remind(stage.parts)
    await stage.jobs()
    assert stage.pushed() == [], "not before half an hour"
    stage.now += timedelta(minutes=9)
    await remind(stage.parts)
    await stage.jobs()
    (words,) = stage.pushed()
    assert words.startswith(KEPT) and words.endswith("对吗？\n1 对\n2 不对")
    assert (await opened(stage)).prompt == (await reminders(stage))[0]
    assert "几号楼" in await stage.say("1")


async def test_never_twice_for_the_same_complaint(stage: Stage) -> None:
    await left(stage)
    await asyncio.gather(*(remind(stage.parts) for _ in range(3)))
    await asyncio.gather(stage.jobs(), remind(stage.parts))
    assert reminded(stage) == 1
    await stage.say("1")
    await remind_later(stage)
    assert reminded(stage) == 1
    assert NUMBER.search(await hand_in(stage))
    await stage.say(STORY)
    await stage.say("2")
    await remind_later(stage)
    assert reminded(stage) == 2, "another complaint"


async def remind_later(stage: Stage) -> None:
    stage.now += timedelta(minutes=30)
    await remind(stage.parts)
    await stage.jobs()


async def hand_in(stage: Stage) -> str:
    reply = await stage.say("恒大名都8号楼")
    while "提交" not in reply:
        reply = await stage.say("跳过")
    return await stage.say("1")


async def test_a_look_goes_on_where_the_last_one_ended(stage: Stage) -> None:
    await left(stage, "first")
    until = await remind(stage.parts)
    assert until == stage.now - AFTER
    await left(stage, "second")
    looked: list[int] = []
    original = unsubmitted._remind

    async def counted(parts: object, conversation_id: int) -> None:
        looked.append(conversation_id)
        await original(stage.parts, conversation_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unsubmitted, "_remind", counted)
        await remind(stage.parts, until)
    assert looked == [(await opened(stage, "second")).conversation_id]
    await stage.jobs()
    assert reminded(stage) == 0
    assert len(stage.pushed("first")) == len(stage.pushed("second")) == 1


async def test_a_worker_that_was_away_for_hours_makes_up_for_it(stage: Stage) -> None:
    await left(stage)
    stage.now += timedelta(hours=5)
    await remind(stage.parts)
    await stage.jobs()
    assert reminded(stage) == 1


async def test_pictures_after_the_story_change_nothing(stage: Stage) -> None:
    picture = (IncomingAttachment("image", content=plain_photo(), name="photo.jpg"),)
    await stage.say(STORY)
    answered = stage.now
    for _ in range(3):
        await stage.say("", kind="image", attachments=picture, album="album")
    assert stage.replies == [], "an album is answered once"
    stage.now += timedelta(minutes=30)
    await remind(stage.parts, answered + timedelta(seconds=5))
    await stage.jobs()
    assert reminded(stage) == 1


async def test_it_is_said_in_the_residents_language(stage: Stage) -> None:
    await stage.say("English")
    await stage.say("The property fee went up to 2.8 yuan and nobody agreed")
    question = stage.replies[0].text.splitlines()[-1]
    await remind_later(stage)
    (words,) = stage.pushed()
    assert words.startswith(text("unsubmitted.kept", language="en")) and words.endswith(question)


async def test_who_handed_in_or_told_nothing_hears_nothing(stage: Stage) -> None:
    await open_case(stage)
    await stage.say("我要投诉", "curious")
    await remind_later(stage)
    assert stage.channel.sent == []


async def test_a_message_that_is_still_to_be_worked_on_answers_perhaps(stage: Stage) -> None:
    await left(stage)
    await keep(stage.parts, stage.message("1"))
    await remind(stage.parts)
    assert await reminders(stage) == []


async def test_one_conversation_that_fails_holds_up_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await left(stage, "broken")
    await stage.say(STORY)
    stage.now += timedelta(minutes=30)
    broken = (await opened(stage, "broken")).conversation_id
    original = saying.push

    async def push(work: object, conversation_id: int, *args: object, **fields: object) -> None:
        if conversation_id == broken:
            raise ValueError(STORY)
        await original(work, conversation_id, *args, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(saying, "push", push)
    with caplog.at_level(logging.ERROR):
        await remind(stage.parts)
    await stage.jobs()
    assert reminded(stage) == 1
    (record,) = [record for record in caplog.records if record.getMessage() == "not reminded"]
    assert (record.conversation_id, record.error) == (broken, "ValueError")  # type: ignore[attr-defined]
    assert STORY not in caplog.text


# --- at night ----------------------------------------------------------------------------------------


def shanghai(stage: Stage, hour: int, minute: int = 0) -> datetime:
    return stage.now.replace(hour=(hour - 8) % 24, minute=minute, second=0)


async def test_nobody_is_reminded_at_night_and_the_morning_makes_up_for_it(stage: Stage) -> None:
    stage.now = shanghai(stage, 21, 40)
    await stage.say(STORY)
    until = await remind(stage.parts)
    stage.now = shanghai(stage, 22, 15)
    assert await remind(stage.parts, until) == until
    stage.now += timedelta(hours=9)
    assert await remind(stage.parts, until) == until
    assert await reminders(stage) == []
    stage.now += timedelta(minutes=46)
    await remind(stage.parts, until)
    await stage.jobs()
    assert reminded(stage) == 1


async def test_one_of_the_last_minute_waits_and_is_dropped_when_the_resident_goes_on(stage: Stage) -> None:
    stage.now = shanghai(stage, 21, 30)
    await stage.say(STORY)
    await stage.say(STORY, "other")
    stage.now = shanghai(stage, 21, 59)
    await remind(stage.parts)
    stage.now += timedelta(minutes=2)
    await stage.jobs()
    assert [view.state for view in await reminders(stage)] == ["held"]
    await stage.say("1")
    await stage.jobs(hours=10)
    assert reminded(stage) == 0
    assert len(stage.pushed("other")) == 1, "nothing has changed there"
    assert (await reminders(stage))[0].reason == "moved_on"
