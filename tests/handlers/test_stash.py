"""A promised message: worked on for certain, its reply told once."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.conversations import alerts, stuck
from backend.conversations.stash import NO_END, PAUSES, TRIES
from backend.db.database import DatabaseUnavailable
from handlers import stash as handled
from handlers.incoming import Handled, claim, handle
from handlers.messages import IncomingAttachment, IncomingMessage
from handlers.parts import Parts
from handlers.stash import keep, settle, take_up
from tests.fixtures.stage import Stage

_numbers = itertools.count(1)
SECRET = "楼上漏水漏到我家"
LEFT = "已经转给工作人员看"


class _Killed(BaseException):
    """The process is gone in the middle."""


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """From now on a message with these words raises this; returns the words that were tried, in order."""

    def install(words: str, error: BaseException) -> list[str]:
        tried: list[str] = []

        async def handle_or_fail(parts: Parts, message: IncomingMessage) -> Handled:
            tried.append(message.text)
            if words in message.text:
                raise error
            return await handle(parts, message)

        monkeypatch.setattr(handled, "handle", handle_or_fail)
        return tried

    return install


async def alerted(stage: Stage) -> list[tuple[str, tuple[str, ...]]]:
    async with stage.parts.database.work() as work:
        return [(alert.kind, alert.codes) for alert in reversed(await alerts.open_alerts(work))]


async def waiting(stage: Stage) -> list[stuck.Stuck]:
    async with stage.parts.database.work() as work:
        return await stuck.open_messages(work)


async def until_given_up(stage: Stage) -> None:
    await stage.jobs(seconds=11)
    for pause in PAUSES:
        await stage.jobs(seconds=pause.total_seconds())


async def test_a_promise_that_did_not_get_out_says_nothing_twice(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    await keep(stage.parts, message)
    stage.now += timedelta(seconds=5)
    handled = await handle(stage.parts, message)
    assert await claim(stage.parts, handled, stage.channel.capabilities), "the channel asked once more"
    await stage.jobs(seconds=12)
    assert stage.pushed() == []


async def test_a_reply_that_an_abandoned_response_took_is_pushed(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    handled = await handle(stage.parts, message)
    assert await claim(stage.parts, handled, stage.channel.capabilities)
    stage.now += timedelta(seconds=5)
    await keep(stage.parts, message)
    await stage.jobs(seconds=12)
    assert len(stage.pushed()) == 1


async def test_what_was_settled_is_not_taken_up(stage: Stage) -> None:
    message = stage.message("楼上漏水漏到我家")
    await keep(stage.parts, message)
    await keep(stage.parts, message)
    await settle(stage.parts, message, await handle(stage.parts, message))
    await stage.jobs(minutes=1)
    assert len(stage.pushed()) == 1


async def test_a_dead_process_leaves_it_to_the_worker(stage: Stage) -> None:
    await keep(stage.parts, stage.message("楼上漏水漏到我家"))
    await stage.jobs(seconds=5)
    assert stage.pushed() == [], "the process that promised may still be at it"
    await stage.jobs(seconds=6)
    assert len(stage.pushed()) == 1


async def test_what_always_fails_is_left_to_a_person(
    stage: Stage, fails: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    tried = fails("漏水", RuntimeError(SECRET))
    await keep(stage.parts, stage.message(SECRET))
    with caplog.at_level(logging.INFO):
        await stage.jobs(seconds=11)
        for number, pause in enumerate(PAUSES, 1):
            await stage.jobs(seconds=pause.total_seconds() - 1)
            assert (len(tried), await alerted(stage)) == (number, []), "it rests longer each time"
            await stage.jobs(seconds=1)
    assert len(tried) == TRIES
    assert await alerted(stage) == [("stuck", ())]
    assert [LEFT in words for words in stage.pushed()] == [True], "one sentence"
    assert [(left.text, left.tries) for left in await waiting(stage)] == [(SECRET, TRIES)]
    await stage.jobs(hours=5)
    assert len(tried) == TRIES, "from now on a person decides"
    assert "漏水" not in "".join(str(vars(record)) for record in caplog.records)


async def test_it_holds_up_nobody(stage: Stage, fails: Callable[..., list[str]]) -> None:
    fails("漏水", RuntimeError())
    for _ in range(120):
        await keep(stage.parts, stage.message(SECRET, "unlucky"))
    await keep(stage.parts, stage.message("单位拖欠工资", "unlucky"))
    await keep(stage.parts, stage.message("单位拖欠工资", "another"))
    await stage.jobs(seconds=11)
    assert len(stage.pushed("another")) == 1
    assert len(stage.pushed("unlucky")) == 1


async def test_a_message_that_kills_the_worker_is_left_to_a_person_too(
    stage: Stage, fails: Callable[..., list[str]]
) -> None:
    tried = fails("漏水", _Killed())
    await keep(stage.parts, stage.message(SECRET))
    stage.now += timedelta(seconds=11)
    for _ in range(TRIES):
        with pytest.raises(_Killed):
            await take_up(stage.parts)
        assert await take_up(stage.parts) == 0, "others go meanwhile"
        stage.now += NO_END
    await stage.jobs()
    assert (len(tried), await alerted(stage)) == (TRIES, [("stuck", ())])
    assert LEFT in stage.pushed()[0]


async def test_a_try_that_does_not_end_is_ended(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(parts: Parts, message: IncomingMessage) -> Handled:
        if "漏水" in message.text:
            await asyncio.Event().wait()
        return await handle(parts, message)

    monkeypatch.setattr(handled, "handle", endless)
    monkeypatch.setattr(handled.stash, "NO_END", timedelta(seconds=0.2))
    await keep(stage.parts, stage.message(SECRET))
    await keep(stage.parts, stage.message("单位拖欠工资", "another"))
    await until_given_up(stage)
    assert await alerted(stage) == [("stuck", ())]
    assert len(stage.pushed("another")) == 1


async def test_what_an_older_version_kept_stops_nobody(stage: Stage) -> None:
    await keep(stage.parts, stage.message(SECRET, "old"))
    async with stage.parts.database.work() as work:
        await work.session.execute(
            text("update stashed_messages set message = message || '{\"unheard\": 1}'")
        )
        await work.commit()
    await keep(stage.parts, stage.message("单位拖欠工资", "new"))
    await until_given_up(stage)
    assert len(stage.pushed("new")) == 1
    assert await alerted(stage) == [("stuck", ())]


async def test_a_database_that_is_away_is_waited_for(stage: Stage, fails: Callable[..., list[str]]) -> None:
    fails("漏水", DatabaseUnavailable())
    await keep(stage.parts, stage.message(SECRET))
    stage.now += timedelta(seconds=11)
    with pytest.raises(DatabaseUnavailable):
        await take_up(stage.parts)
    fails("nothing", RuntimeError())
    await stage.jobs(seconds=NO_END.total_seconds())
    assert len(stage.pushed()) == 1
    assert await alerted(stage) == []


async def test_danger_does_not_wait_for_the_tries(stage: Stage, fails: Callable[..., list[str]]) -> None:
    fails("打", RuntimeError())
    await keep(stage.parts, stage.message("老公又打我，拿刀要砍我"))
    await stage.jobs(seconds=11)
    assert [kind for kind, _ in await alerted(stage)] == ["crisis"]
    assert len(stage.pushed()) == 1
    assert "110" in stage.pushed()[0]
    await until_given_up(stage)
    assert sorted(kind for kind, _ in await alerted(stage)) == ["crisis", "stuck"]
    assert len(stage.pushed()) == 2


async def test_staff_hear_of_it_even_if_the_resident_cannot(
    stage: Stage, fails: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsaid(*_: object, **__: object) -> None:
        raise RuntimeError

    fails("漏水", RuntimeError())
    await keep(stage.parts, stage.message(SECRET))
    with monkeypatch.context() as patched:
        patched.setattr(
            handled.saying, "push", lambda _work, _id, says, **more: unsaid() if says else _nothing()
        )
        await until_given_up(stage)
    assert await alerted(stage) == [("stuck", ())]
    assert stage.pushed() == []


async def _nothing() -> None:
    return None


async def test_in_the_residents_language(stage: Stage, fails: Callable[..., list[str]]) -> None:
    await stage.say("language:en", kind="text")
    fails("漏水", RuntimeError())
    async with stage.parts.database.work() as work:
        await work.session.execute(text("update residents set language = 'en'"))
        await work.commit()
    await keep(stage.parts, stage.message(SECRET))
    await until_given_up(stage)
    assert "The staff have it now" in stage.pushed()[-1]


async def test_tried_again_by_a_person(stage: Stage, fails: Callable[..., list[str]]) -> None:
    fails("漏水", RuntimeError())
    await keep(stage.parts, stage.message(SECRET))
    await until_given_up(stage)
    (left,) = await waiting(stage)
    await _decide(stage, stuck.try_again, left.id)
    assert await alerted(stage) == []
    await until_given_up(stage)
    assert await alerted(stage) == [("stuck", ())]
    assert len(stage.pushed()) == 1, "the resident knows"
    fails("nothing", RuntimeError())
    await _decide(stage, stuck.try_again, left.id)
    await stage.jobs()
    assert len(stage.pushed()) == 2
    assert await waiting(stage) == []


async def test_kept_as_seen_to_by_a_person(stage: Stage, fails: Callable[..., list[str]]) -> None:
    fails("漏水", RuntimeError())
    photo = IncomingAttachment("image", remote_id="media-1")
    first = stage.message(SECRET, attachments=(photo,))
    await keep(stage.parts, first)
    await keep(stage.parts, stage.message("还是漏水"))
    await until_given_up(stage)
    for left in await waiting(stage):
        assert await alerted(stage) == [("stuck", ())], "as long as one is left"
        await _decide(stage, stuck.keep_as_read, left.id)
        await _decide(stage, stuck.keep_as_read, left.id)
    assert (await alerted(stage), await waiting(stage)) == ([], [])
    async with stage.parts.database.work() as work:
        rows = await work.session.execute(
            text("select text, payload from incoming_messages order by id desc")
        )
        kept = {row.text: row.payload for row in rows}
        files = await work.session.scalar(
            text("select count(*) from attachments where remote_id = 'media-1'")
        )
    assert set(kept) == {SECRET, "还是漏水"}
    assert (len(kept[SECRET]["attachments"]), files) == (1, 1)
    assert (await handle(stage.parts, first)).duplicate


async def _decide(stage: Stage, decide: Callable[..., object], stashed_id: int) -> None:
    async with stage.parts.database.work() as work:
        staff = await work.session.scalar(
            text(
                "insert into staff (username, name, role, password_hash, unit_id, created_at) "
                "values (:name, '张', 'officer', '', (select min(id) from units), now()) returning id"
            ),
            {"name": f"staff-{next(_numbers)}"},
        )
        await decide(work, stashed_id, staff)  # type: ignore[misc]
        await work.commit()
