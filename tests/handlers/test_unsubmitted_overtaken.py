"""A reminder is sent while it is true, or not at all: never a phone task, never a second one."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from backend.conversations import alerts, dead_letters, deliveries, handover
from backend.conversations.views import Sender
from backend.domain.lifecycle import Action, Role
from backend.workbench import chat_desk
from dialogs.messages import FORM_IDLE
from dialogs.unsubmitted import AFTER
from handlers import saying
from handlers.deliver import TRIES, DeliverAgain, deliver
from handlers.messages import Outcome, Rendered, Sent, TryLater, Undeliverable
from handlers.unsubmitted import is_past, remind
from tests.fixtures.staff import Office
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import NUMBER, STORY, open_case
from tests.handlers.test_unsubmitted import ASKED, KEPT, left, of_kind, opened, reminded, reminders

SATISFIED = "您满意吗"


async def posted(stage: Stage) -> int:
    """The one reminder that was written, not sent yet."""
    await remind(stage.parts)
    (view,) = await reminders(stage)
    assert view.state == "queued"
    return view.id


async def is_dropped(stage: Stage) -> bool:
    """Nobody saw it, nobody is to phone, and nothing waits for the next contact."""
    (view,) = await reminders(stage)
    async with stage.parts.database.work() as work:
        assert await dead_letters.open_letters(work) == []
        assert await alerts.open_alerts(work) == []
    await stage.jobs(hours=25)
    assert KEPT not in await stage.say("你好")
    return view.state == "dropped" and not reminded(stage)


async def test_who_answers_before_it_leaves_does_not_get_it(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    assert "几号楼" in await stage.say("1")
    await deliver(stage.parts, outgoing_id)
    assert await is_dropped(stage)


@pytest.mark.parametrize("words", ["取消", "人工"])
async def test_who_drops_it_or_calls_for_a_person_does_not_get_it(stage: Stage, words: str) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    await stage.say(words)
    await deliver(stage.parts, outgoing_id)
    assert reminded(stage) == 0
    assert [view.state for view in await reminders(stage)] == ["dropped"]


async def told(stage: Stage) -> None:
    """Everything up to the summary; half an hour passes."""
    await stage.say(STORY)
    await stage.say("1")
    reply = await stage.say("恒大名都8号楼")
    while "提交" not in reply:
        reply = await stage.say("跳过")
    stage.now += timedelta(minutes=30)


async def test_who_hands_it_in_before_does_not_get_it(stage: Stage) -> None:
    await told(stage)
    outgoing_id = await posted(stage)
    assert NUMBER.search(await stage.say("1"))
    await deliver(stage.parts, outgoing_id)
    assert await is_dropped(stage)


async def test_who_hands_it_in_while_it_is_held_does_not_get_it(stage: Stage) -> None:
    await told(stage)
    outgoing_id = await posted(stage)
    async with stage.parts.database.work() as work:
        await deliveries.hold(work, outgoing_id, stage.now + timedelta(hours=2), "busy")
        await work.commit()
    assert NUMBER.search(await stage.say("1"))
    await stage.jobs(hours=3)
    assert await is_dropped(stage)


async def test_when_an_officer_has_come_it_is_not_sent_even_after_they_left(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    officer = (await Office(stage.parts.database).person(Role.OFFICER)).member
    conversation_id = (await opened(stage)).conversation_id
    async with stage.parts.database.work() as work:
        await handover.request(work, conversation_id, "asked")
        assert await chat_desk.take(work, conversation_id, officer)
        await work.commit()
    view = (await reminders(stage))[0]
    assert is_past(view, await opened(stage), stage.now)
    async with stage.parts.database.work() as work:
        assert await chat_desk.hand_back(work, conversation_id, officer)
        await deliveries.hold(work, outgoing_id, stage.now + timedelta(minutes=1), "busy")
        await work.commit()
    await stage.jobs()
    assert ASKED in stage.pushed()[-1], "the bot asks again itself"
    await stage.jobs(minutes=2)
    assert reminded(stage) == 0


async def surveyed(stage: Stage) -> None:
    """A survey is due while a new complaint is being told, and waits for that."""
    number = await open_case(stage)
    await stage.act(number, Action.ACCEPT)
    await stage.act(number, Action.ASSIGN, unit="zhujian")
    await stage.act(number, Action.RESOLVE, text="已修好")
    stage.now += timedelta(hours=23, minutes=50)
    await stage.say(STORY)
    assert ASKED in await stage.say("2")
    await stage.jobs(minutes=12)
    assert SATISFIED not in "".join(stage.pushed()), "a form is active"


async def test_a_survey_that_came_in_between_keeps_its_numbers(stage: Stage) -> None:
    await surveyed(stage)
    stage.now += timedelta(minutes=17)
    outgoing_id = await posted(stage)
    stage.now += timedelta(minutes=2)
    (survey,) = await of_kind(stage, "survey")
    async with stage.parts.database.work() as work:
        await deliveries.mark(work, survey.id, "queued", "")
        await work.commit()
    await deliver(stage.parts, survey.id)
    assert SATISFIED in stage.pushed()[-1]
    await deliver(stage.parts, outgoing_id)
    assert reminded(stage) == 0
    assert "谢谢您的评价" in await stage.say("5")


async def test_a_survey_waits_until_the_reminder_had_its_time(stage: Stage) -> None:
    await surveyed(stage)
    await stage.jobs(minutes=17)
    await remind(stage.parts)
    await stage.jobs()
    await stage.jobs(minutes=29)
    assert KEPT in stage.pushed()[-1], "its question is not buried under the survey's"
    await stage.jobs(minutes=2)
    assert SATISFIED in stage.pushed()[-1]
    assert "谢谢您的评价" in await stage.say("5")


def test_it_comes_before_a_survey_that_waits_for_the_form() -> None:
    assert AFTER + timedelta(seconds=60) < FORM_IDLE


async def test_one_that_is_a_day_late_is_not_sent(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    await deliver(dataclasses.replace(stage.parts, channels={}), outgoing_id)
    stage.now += timedelta(hours=24)
    await stage.jobs()
    assert await is_dropped(stage)


async def test_a_turn_that_began_before_and_ended_after_it_was_written(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    await execute(
        stage,
        "update conversations set last_message_at = :at, state = '{}'",
        at=stage.now - timedelta(seconds=1),
    )
    await deliver(stage.parts, outgoing_id)
    assert reminded(stage) == 0


async def execute(stage: Stage, statement: str, **values: object) -> None:
    async with stage.parts.database.work() as work:
        await work.session.execute(sql(statement), values)
        await work.commit()


async def test_an_answer_that_crosses_it_is_not_asked_for_again(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    send = stage.channel.send

    async def while_the_resident_answers(address: Sender, message: Rendered) -> Outcome:
        await stage.say("1")
        return await send(address, message)

    stage.channel.send = while_the_resident_answers  # type: ignore[method-assign]
    await deliver(stage.parts, outgoing_id)
    assert reminded(stage) == 1
    prompt = (await opened(stage)).prompt
    assert prompt is not None and prompt.kind == "reply", "what counts is the question of the reply"


# --- no phone task, no second time -------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        Undeliverable("45015", at_next_contact=True),
        Undeliverable("43004"),
        TryLater("45009", tomorrow=True),
        ConnectionError("nobody knows"),
    ],
)
async def test_where_it_cannot_be_sent_it_is_dropped(stage: Stage, outcome: Outcome | Exception) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    stage.channel.outcomes = [outcome]
    await deliver(stage.parts, outgoing_id)
    assert stage.channel.outcomes == []
    assert await is_dropped(stage)


async def test_a_busy_channel_is_asked_some_times(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    stage.channel.outcomes = [TryLater("busy")] * TRIES
    for _ in range(TRIES - 1):
        with pytest.raises(DeliverAgain):
            await deliver(stage.parts, outgoing_id)
    await deliver(stage.parts, outgoing_id)
    assert await is_dropped(stage)


async def test_a_busy_channel_that_takes_it_in_the_end(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    stage.channel.outcomes = [TryLater("busy")]
    with pytest.raises(DeliverAgain):
        await deliver(stage.parts, outgoing_id)
    await deliver(stage.parts, outgoing_id)
    assert reminded(stage) == 1


async def test_after_an_unknown_outcome_a_digit_still_answers(stage: Stage) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    stage.channel.outcomes = [ConnectionError()]
    await deliver(stage.parts, outgoing_id)
    await stage.jobs()
    assert reminded(stage) == 0, "perhaps it was seen"
    assert "几号楼" in await stage.say("1")


class _Killed(BaseException):
    """The process is gone in the middle."""


@pytest.mark.parametrize("committed", [False, True])
async def test_a_worker_killed_while_writing_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    await left(stage)
    original = saying.push

    async def push(work: object, *args: object, **fields: object) -> None:
        await original(work, *args, **fields)  # type: ignore[arg-type]
        if committed:
            await work.commit()  # type: ignore[attr-defined]
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(saying, "push", push)
        with pytest.raises(_Killed):
            await remind(stage.parts)
    await remind(stage.parts)
    await stage.jobs()
    await remind(stage.parts)
    await stage.jobs()
    assert reminded(stage) == 1


@pytest.mark.parametrize("arrived", [False, True])
async def test_a_worker_killed_while_sending_it(stage: Stage, arrived: bool) -> None:
    await left(stage)
    outgoing_id = await posted(stage)
    send = stage.channel.send

    async def killed(address: Sender, message: Rendered) -> Outcome:
        if arrived:
            assert isinstance(await send(address, message), Sent)
        raise _Killed

    stage.channel.send = killed  # type: ignore[method-assign]
    with pytest.raises(_Killed):
        await deliver(stage.parts, outgoing_id)
    stage.channel.send = send  # type: ignore[method-assign]
    await stage.jobs()
    await remind(stage.parts)
    await stage.jobs()
    assert reminded(stage) == arrived
    assert [view.state for view in await reminders(stage)] == ["dropped"]
    assert "几号楼" in await stage.say("1")
