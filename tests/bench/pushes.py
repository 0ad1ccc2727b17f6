"""Ten thousand progress messages through a real worker, while officers answer and while nobody does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from backend.db.database import Database
from backend.db.embedded import EmbeddedPostgres
from backend.settings import Settings, load_settings
from bot.prepare import prepare
from tests.wechat import mass
from tests.wechat.emulator import Emulator

RESIDENTS = 1000
EACH = 5
"""What WeChat allows: with two pushes of so many, ten thousand in all."""
ANSWERS_ALONE = 20
ANSWER_EVERY = 0.5
"""Seconds between two answers of officers while the push goes on."""

Say = Callable[[str], None]
_people = (f"o{number:027d}" for number in itertools.count())


def measure(say: Say) -> Mapping[str, float]:
    """Return the push beside answers to the push alone, and an answer's wait during it to its wait alone.

    The channel's pace is left out: what is measured is ours.
    """
    with TemporaryDirectory() as name, EmbeddedPostgres(_opened(Path(name))) as url:
        emulator = Emulator()
        with emulator.serving() as api:
            settings = load_settings(
                _env_file=None,
                database_url=url,
                data_dir=Path(name) / "data",
                wechat_token="callback-token",
                wechat_app_id=emulator.app_id,
                wechat_app_secret=emulator.secret,
                wechat_api_base=api,
            )
            return asyncio.run(_measured(say, settings, emulator))


async def _measured(say: Say, settings: Settings, emulator: Emulator) -> Mapping[str, float]:
    await prepare(settings.database_url, settings)
    database = Database(settings.database_url)
    with mass.working(settings, 0):
        alone = [await _answered(database, emulator) for _ in range(ANSWERS_ALONE)]
    speeds: dict[str, float] = {}
    waits: list[float] = []
    twice = 0
    for answering in (False, True):
        people = list(itertools.islice(_people, RESIDENTS))
        await mass.post(database, emulator, people, EACH)
        with mass.working(settings, 0):
            await _until(emulator, people, 1)
            started = time.perf_counter()
            officer = asyncio.create_task(_answer_on(database, emulator, waits)) if answering else None
            await _until(emulator, people, RESIDENTS * EACH)
            speeds["with" if answering else "without"] = RESIDENTS * EACH / (time.perf_counter() - started)
            if officer is not None:
                officer.cancel()
        heard = [emulator.texts(person) for person in people]
        if any(list(dict.fromkeys(texts)) != [f"第{number}条" for number in range(EACH)] for texts in heard):
            raise RuntimeError("lost or out of order")
        twice += sum(map(len, heard)) - RESIDENTS * EACH
    await database.close()
    say(f"{2 * RESIDENTS * EACH} messages to {2 * RESIDENTS} residents, each resident's in order")
    say(f"{twice} came twice, their first outcome unknown (a busy machine's emulator answers too late)")
    say(f"{speeds['without']:.0f}/s alone, {speeds['with']:.0f}/s while officers answer")
    say(
        f"an officer's answer: half within {1000 * median(alone):.0f} ms alone,"
        f" {1000 * median(waits):.0f} ms during the push (the slowest of {len(waits)}: {max(waits):.2f} s)"
    )
    return {
        "pushes_with_answers_vs_without": speeds["with"] / speeds["without"],
        "answer_during_pushes_vs_alone": median(waits) / median(alone),
    }


async def _answer_on(database: Database, emulator: Emulator, waits: list[float]) -> None:
    while True:
        waits.append(await _answered(database, emulator))
        await asyncio.sleep(ANSWER_EVERY)


async def _answered(database: Database, emulator: Emulator) -> float:
    """How long an officer's answer takes to the phone, in seconds."""
    person = next(_people)
    started = time.perf_counter()
    await mass.answer(database, emulator, person, "我在")
    await _until(emulator, [person], 1)
    return time.perf_counter() - started


async def _until(emulator: Emulator, people: list[str], messages: int) -> None:
    wanted = set(people)
    while len({(sent.openid, sent.content) for sent in emulator.sent if sent.openid in wanted}) < messages:
        await asyncio.sleep(0.05)


def _opened(place: Path) -> Path:
    """The server runs as a user of its own under root."""
    place.chmod(0o755)
    return place
