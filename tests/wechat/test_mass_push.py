"""Many progress messages at once: in order, paced, overtaken by what somebody waits for, through a kill."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import psycopg

from backend.conversations import pace
from backend.db.database import Database
from backend.statistics.operations import operations
from tests.fixtures.settings import MakeSettings
from tests.wechat import mass
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator

RESIDENTS = [f"o{number:027d}" for number in range(40)]
EACH = 3
"""WeChat allows five."""
SOMEBODY = "o" + "z" * 27
IN_ALL = EACH * len(RESIDENTS)
PACE = 40.0


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not reached():
            await asyncio.sleep(0.02)


async def test_a_mass_push_survives_a_kill_in_order_and_what_is_waited_for_overtakes_it(
    wechat_settings: MakeSettings, emulator: Emulator, database: Database
) -> None:
    settings = wechat_settings()
    emulator.clock = emulator.messages.clock = database.clock
    await mass.post(database, emulator, RESIDENTS, EACH)
    async with database.work() as work:
        before = await operations(work)
    assert [(one.channel, one.kind, one.count) for one in before.waiting] == [("wechat", "notice", IN_ALL)]
    assert before.queues == {"pushes.wechat": IN_ALL}

    with mass.working(settings, PACE) as worker:
        await until(lambda: len(emulator.sent) >= 10)
        await mass.answer(database, emulator, SOMEBODY, "我在")
        await until(lambda: any(sent.openid == SOMEBODY for sent in emulator.sent))
        assert len(emulator.sent) < IN_ALL, "an officer's words waited for the mass push"
        worker.kill()
        worker.wait()
    with mass.working(settings, PACE):
        await until(lambda: len({(sent.openid, sent.content) for sent in emulator.sent}) == IN_ALL + 1)
        await until(lambda: states(settings.database_url) == {"sent": IN_ALL + 1})

    for openid in RESIDENTS:
        heard = list(dict.fromkeys(emulator.texts(openid)))
        assert heard == [f"第{number}条" for number in range(EACH)], "out of order"
    twice = {
        key for key, times in Counter((one.openid, one.content) for one in emulator.sent).items() if times > 1
    }
    assert twice <= interrupted(settings.database_url), "doubled without an attempt on record"
    async with database.work() as work:
        after = await operations(work)
    assert (
        sum(one.count for one in after.delivered if (one.way, one.outcome) == ("custom", "sent"))
        == IN_ALL + 1
    )
    assert not after.waiting


def states(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select state, count(*) from outgoing_messages group by state").fetchall()
    return dict(rows)


def interrupted(url: str) -> set[tuple[str, str]]:
    """Messages with an attempt of which nobody knows how it ended."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select r.channel_user_id, o.literal from delivery_attempts a"
            " join outgoing_messages o on o.id = a.outgoing_id"
            " join conversations c on c.id = o.conversation_id join residents r on r.id = c.resident_id"
            " where a.finished_at is null"
        ).fetchall()
    return {(openid, text) for openid, text in rows}


async def test_turns_are_apart_for_all_processes_and_a_pause_holds_them_up(database: Database) -> None:
    gap = timedelta(seconds=0.4)
    other = Database(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    clock = SimulatedClock()
    database.clock = other.clock = clock
    waits = []
    for one in (database, other, database, other, database):
        async with one.work() as work:
            waits.append(await pace.next_turn(work, "wechat", gap))
            await work.commit()
    assert waits == [timedelta(0), gap, 2 * gap, 3 * gap, 3 * gap], "a turn that is far off is not taken"
    clock.advance(seconds=60)
    async with database.work() as work:
        assert await pace.next_turn(work, "wechat", gap) == timedelta(0), "nobody saves up turns"
        await pace.pause(work, "wechat", timedelta(minutes=1))
        await work.commit()
    async with other.work() as work:
        assert await pace.next_turn(work, "wechat", gap) == timedelta(minutes=1)
        assert await pace.next_turn(work, "telegram", gap) == timedelta(0), "another channel has its own"
    await other.close()
