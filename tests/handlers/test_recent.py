"""What a process remembers of a conversation spares it a look, and never decides on what is no longer so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from backend.conversations import timeline, turns
from backend.conversations.turns import Glance
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from backend.db.work import Work
from dialogs.messages import Say
from dialogs.texts import text
from handlers import recent, saying
from handlers.incoming import handle
from handlers.messages import Undeliverable
from handlers.recent import Recent
from nlu.client import NluClient
from nlu.understanding import Understanding
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import STORY, open_case
from tests.handlers.test_person import officer, take

WHO = Sender("stage", "resident")
KIND = "劳资"


@contextmanager
def elsewhere(stage: Stage) -> Iterator[None]:
    """Another listener, which remembers nothing, serves the resident meanwhile."""
    here = stage.parts
    stage.parts = replace(here, recent=Recent())
    try:
        yield
    finally:
        stage.parts = here


async def looked(stage: Stage) -> Glance | None:
    async with stage.parts.database.work() as work:
        return await turns.glance(work, WHO)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Sender]:
    """Whose conversations were looked at."""
    found: list[Sender] = []
    glance = turns.glance

    async def counted(work: Work, sender: Sender) -> Glance | None:
        found.append(sender)
        return await glance(work, sender)

    monkeypatch.setattr(turns, "glance", counted)
    return found


@pytest.mark.parametrize(
    "said",
    [
        ["您好", STORY, "1", "恒大名都8号楼", "跳过"],
        ["老板拖欠工资三个月不给", "阳光工地", "张三公司", "9", "改地址", "新工地"],
        ["hello", "the neighbour is noisy at night", "1", "not sure"],
        ["😭", "楼上漏水", "取消", "算了", "隔壁半夜吵架"],
    ],
)
async def test_what_is_remembered_is_what_a_look_would_find(stage: Stage, said: list[str]) -> None:
    times = 0
    for words in said:
        await stage.say(words)
        remembered = stage.parts.recent.take(WHO)
        if remembered is not None:
            times += 1
            assert remembered == await looked(stage)
            stage.parts.recent.keep(WHO, remembered)
    assert times >= 3


async def test_one_look_is_enough_until_more_than_words_is_wanted(stage: Stage, looks: list[Sender]) -> None:
    for words in ("您好", STORY, "1", "恒大名都8号楼"):
        await stage.say(words)
    assert looks == [WHO]
    await stage.say("您好", "another")
    assert looks == [WHO, Sender("stage", "another")]


async def test_a_case_is_opened_on_what_is_true_then(stage: Stage) -> None:
    first = await open_case(stage)
    assert stage.parts.recent.take(WHO) is None, "who has cases is looked up"
    with elsewhere(stage):
        second = await open_case(stage, "another")
    assert [case.number for case in await stage.cases()] == [first, second]


async def test_who_went_on_with_another_listener_is_answered_to_the_question_they_read(stage: Stage) -> None:
    await stage.say(STORY)
    with elsewhere(stage):
        asked = await stage.say("1")
    assert "小区" in asked
    summary = await stage.say("恒大名都8号楼")
    for words in (STORY, "1", "恒大名都8号楼"):
        same = await stage.say(words, "another")
    assert summary == same


async def test_words_are_understood_anew_when_they_answer_another_question(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.say(STORY)
    assert f"2 {KIND}" in await stage.say("2")
    with elsewhere(stage):
        await stage.say("取消")
        await stage.say("1")
    asked: list[str] = []
    understand = NluClient.understand

    async def noted(nlu: NluClient, text: str) -> Understanding:
        asked.append(text)
        return await understand(nlu, text)

    monkeypatch.setattr(NluClient, "understand", noted)
    await stage.say(KIND)
    assert asked == [KIND], "one of the choices needed no model, and is none any more"


async def test_an_officer_who_came_meanwhile_is_not_talked_over(stage: Stage) -> None:
    await stage.say(STORY)
    with elsewhere(stage):
        member = await officer(stage)
        await stage.say("人工")
        await take(stage, member)
    assert await stage.say("1") == ""


async def test_what_waits_since_then_is_told(stage: Stage) -> None:
    await stage.say("您好")
    seen = await looked(stage)
    assert seen is not None
    async with stage.parts.database.work() as work:
        await saying.push(work, seen.conversation.conversation_id, (Say("form.no_hurry"),), kind="notice")
        await work.commit()
    stage.channel.outcomes.append(Undeliverable("window", at_next_contact=True))
    await stage.jobs()
    assert text("form.no_hurry") in await stage.say(STORY)


async def test_a_repetition_is_a_repetition(stage: Stage) -> None:
    message = stage.message(STORY)
    first = await stage.send(message)
    await stage.say("1")
    assert await stage.send(message) == first
    seen = await looked(stage)
    assert seen is not None
    async with stage.parts.database.work() as work:
        kept = await timeline.read(work, seen.conversation.conversation_id)
    assert [view.text for view in kept.incoming] == [STORY, "1"]


async def test_a_reply_that_nobody_carries_is_not_remembered(stage: Stage) -> None:
    await handle(stage.parts, stage.message("您好"))
    assert stage.parts.recent.take(WHO) is None
    waits = iter([True])
    await handle(stage.parts, stage.message(STORY), lambda: next(waits, False))
    assert stage.parts.recent.take(WHO) is None


async def test_what_could_not_be_kept_is_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.say("您好")

    async def lost(*_: object, **__: object) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(turns, "talk", lost)
        with pytest.raises(DatabaseUnavailable):
            await stage.say(STORY)
    assert stage.parts.recent.take(WHO) is None
    assert "【物业】" in await stage.say(STORY)


async def test_the_longest_ago_makes_room(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "AT_MOST", 2)
    stage.parts = replace(stage.parts, recent=Recent())
    for user in ("a", "b", "c"):
        await stage.say("您好", user)
    remembered = [stage.parts.recent.take(Sender("stage", user)) is not None for user in ("a", "b", "c")]
    assert remembered == [False, True, True]


async def test_a_question_that_another_listener_has_shown_again_is_looked_up(stage: Stage) -> None:
    message = stage.message(STORY)
    await stage.send(message)
    remembered = stage.parts.recent.take(WHO)
    with elsewhere(stage):
        await stage.send(message)
    seen = await looked(stage)
    assert remembered is not None and seen is not None
    assert remembered.stands_at != seen.stands_at
