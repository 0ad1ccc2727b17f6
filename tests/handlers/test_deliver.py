"""Delivery: order, tries, dead letters, unknown outcomes, the next contact."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.jobs import Job

from backend.conversations import alerts, dead_letters, entry, outbox, pace, turns
from backend.conversations.outbox import DELIVER
from backend.conversations.views import OutgoingView, Sender
from backend.domain.lifecycle import Action
from bot.jobs import PatientRetry
from handlers.deliver import DeliverAgain, deliver
from handlers.messages import Capabilities, TryLater, Undeliverable
from tests.fixtures.stage import OFFICER, Stage
from tests.handlers.test_main_job import open_case


async def posted(stage: Stage, words: str, kind: str = "notice") -> int:
    """An outgoing message to the stage's resident; its id."""
    async with stage.parts.database.work() as work:
        conversation = await entry.lock(work, Sender("stage", "resident"))
        outgoing_id = await outbox.post(work, conversation.conversation_id, kind=kind, literal=words)
        await work.commit()
    assert outgoing_id is not None
    return outgoing_id


async def row(stage: Stage, outgoing_id: int) -> OutgoingView:
    async with stage.parts.database.work() as work:
        view = await outbox.lock_outgoing(work, outgoing_id)
    assert view is not None
    return view


async def test_messages_arrive_in_order_and_once(stage: Stage) -> None:
    ids = [await posted(stage, f"第{i}条") for i in range(5)]
    await stage.jobs()
    assert stage.pushed() == [f"第{i}条" for i in range(5)]
    for outgoing_id in ids:
        await deliver(stage.parts, outgoing_id)
    assert len(stage.pushed()) == 5, "a job that runs twice sends once"


async def test_a_push_that_waits_for_its_turn_holds_up_no_reply(stage: Stage) -> None:
    number = await open_case(stage)
    stage.channel.capabilities = Capabilities(reply="push", pushes_per_second=10)
    async with stage.parts.database.work() as work:
        await pace.pause(work, "stage", timedelta(hours=1))
        await work.commit()
    before = len(stage.pushed())
    await stage.act(number, Action.ACCEPT, OFFICER)
    assert len(stage.pushed()) == before, "its channel wants fewer messages"
    await stage.say("你好")
    await stage.jobs()
    assert len(stage.pushed()) == before + 1


async def test_a_channel_that_is_switched_off_keeps_its_messages(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    await deliver(dataclasses.replace(stage.parts, channels={}), outgoing_id)
    assert (await row(stage, outgoing_id)).state == "held"
    await stage.jobs(minutes=11)
    assert stage.pushed() == ["您好"]


async def test_a_passing_failure_is_tried_again_in_the_same_place(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("busy")]
    with pytest.raises(DeliverAgain):
        await deliver(stage.parts, outgoing_id)
    assert (await row(stage, outgoing_id)).state == "queued"
    await deliver(stage.parts, outgoing_id)
    view = await row(stage, outgoing_id)
    assert (view.state, view.way, view.attempts) == ("sent", "recorded", 2)


async def test_an_outage_of_hours_loses_no_message(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("busy")] * 12
    for _ in range(4):
        with pytest.raises(DeliverAgain):
            await deliver(stage.parts, outgoing_id)
    await deliver(stage.parts, outgoing_id)
    assert (await row(stage, outgoing_id)).state == "held", "it gives up its place, not itself"
    for _ in range(8):
        await stage.jobs(hours=2)
    assert stage.pushed() == ["您好"]


async def test_what_never_gets_through_is_a_dead_letter_and_a_phone_task(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("busy")] * 40
    for _ in range(4):
        with pytest.raises(DeliverAgain):
            await deliver(stage.parts, outgoing_id)
    for _ in range(14):
        await stage.jobs(hours=2)
    async with stage.parts.database.work() as work:
        assert [view.id for view in await dead_letters.open_letters(work)] == [outgoing_id]
        found = await alerts.open_alerts(work)
        assert [(a.kind, a.outgoing_id) for a in found] == [("phone", outgoing_id)]
        assert await dead_letters.resend(work, outgoing_id)
        await work.commit()
    stage.channel.outcomes = []
    await stage.jobs()
    assert stage.pushed() == ["您好"]


async def test_a_used_up_daily_quota_waits_for_the_next_day(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("45009", tomorrow=True)]
    await deliver(stage.parts, outgoing_id)
    await stage.jobs(hours=13)
    assert stage.pushed() == [], "23:00 in Shanghai"
    await stage.jobs(hours=2)
    assert stage.pushed() == ["您好"]


async def test_what_cannot_be_sent_now_waits_for_the_next_contact(stage: Stage) -> None:
    outgoing_id = await posted(stage, "已受理")
    stage.channel.outcomes = [Undeliverable("45015", at_next_contact=True)]
    await stage.jobs()
    assert (await row(stage, outgoing_id)).state == "held"
    assert (await stage.say("在吗")).startswith("已受理")
    assert (await row(stage, outgoing_id)).way == "next_contact"


async def test_what_does_not_fit_is_pushed_and_no_word_is_lost(stage: Stage) -> None:
    notes = [f"第{i}条" + "说明" * 250 for i in range(3)]
    for note in notes:
        await posted(stage, note)
    stage.channel.outcomes = [Undeliverable("45015", at_next_contact=True)] * 3
    await stage.jobs()
    reply = await stage.say("在吗")
    assert len(reply.encode()) <= 2048
    await stage.jobs()
    heard = reply + "".join(stage.pushed())
    assert all(note in heard for note in notes)


async def test_when_no_contact_comes_staff_phone(stage: Stage) -> None:
    outgoing_id = await posted(stage, "已受理")
    stage.channel.outcomes = [Undeliverable("45015", at_next_contact=True)] * 2
    await stage.jobs()
    await stage.jobs(hours=25)
    assert (await row(stage, outgoing_id)).state == "dead"


async def test_an_unknown_outcome_is_sent_again_but_a_survey_is_left_to_a_person(stage: Stage) -> None:
    notice, survey = await posted(stage, "进展"), await posted(stage, "满意吗", kind="survey")
    stage.channel.outcomes = [ConnectionError(), ConnectionError()]
    with pytest.raises(DeliverAgain):
        await deliver(stage.parts, notice)
    await deliver(stage.parts, survey)
    assert (await row(stage, survey)).state == "unknown"
    await deliver(stage.parts, notice)
    assert stage.pushed() == ["进展"]


async def test_a_worker_killed_while_sending_repeats_progress_not_surveys(stage: Stage) -> None:
    notice, survey = await posted(stage, "进展"), await posted(stage, "满意吗", kind="survey")
    started = asyncio.Event()

    async def hang(*_: object) -> None:
        started.set()
        await asyncio.sleep(60)

    real, stage.channel.send = stage.channel.send, hang  # type: ignore[method-assign, assignment]
    for outgoing_id in (notice, survey):
        started.clear()
        task = asyncio.create_task(deliver(stage.parts, outgoing_id))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    stage.channel.send = real  # type: ignore[method-assign]
    await stage.jobs()
    assert stage.pushed() == ["进展"]
    assert (await row(stage, survey)).state == "unknown"


async def test_two_workers_on_one_message_send_it_once(stage: Stage) -> None:
    outgoing_id = await posted(stage, "只一次")
    await stage.jobs()
    await asyncio.gather(*(deliver(stage.parts, outgoing_id) for _ in range(5)))
    assert stage.pushed() == ["只一次"]


async def test_a_channel_that_named_a_time_is_left_alone_for_so_long(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("too_fast", after=timedelta(seconds=34.2))]
    with pytest.raises(DeliverAgain) as again:
        await deliver(stage.parts, outgoing_id)
    assert again.value.after == timedelta(seconds=34.2)
    job = Job(id=1, status="doing", queue="default", lock=None, queueing_lock=None, task_name=DELIVER)
    decision = PatientRetry().get_retry_decision(exception=again.value, job=job)
    assert decision is not None and decision.retry_at is not None
    assert 34 < (decision.retry_at - datetime.now(UTC)).total_seconds() <= 35


async def test_a_long_time_named_after_many_tries_is_waited_for_too(stage: Stage) -> None:
    outgoing_id = await posted(stage, "您好")
    stage.channel.outcomes = [TryLater("too_fast", after=timedelta(hours=3))] * 5
    for _ in range(4):
        with pytest.raises(DeliverAgain):
            await deliver(stage.parts, outgoing_id)
    await deliver(stage.parts, outgoing_id)
    await stage.jobs(hours=2, minutes=59)
    assert (await row(stage, outgoing_id)).state == "held"
    await stage.jobs(minutes=2)
    assert stage.pushed() == ["您好"]


async def test_a_question_that_the_dialogue_has_passed_is_not_asked_again_by_its_delivery(
    stage: Stage,
) -> None:
    async def reply(purpose: str) -> int:
        async with stage.parts.database.work() as work:
            conversation = await entry.lock(work, Sender("stage", "resident"))
            found = await outbox.post(
                work, conversation.conversation_id, kind="reply", literal=purpose, purpose=purpose
            )
            assert found is not None
            await outbox.set_prompt(work, conversation.conversation_id, found)
            await work.commit()
        return found

    async def prompt() -> int | None:
        async with stage.parts.database.work() as work:
            opened = await turns.peek(work, Sender("stage", "resident"))
        assert opened is not None
        return opened.prompt.id if opened.prompt else None

    first, second = await reply("first"), await reply("second")
    await deliver(stage.parts, first)
    assert await prompt() == second, "the next one is on its way"
    await deliver(stage.parts, second)
    assert await prompt() == second
