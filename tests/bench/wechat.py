"""`/wechat` beside the least that a callback can be and beside Rasa's own REST channel, in turns."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from backend.db.embedded import EmbeddedPostgres
from backend.settings import load_settings
from bot.prepare import prepare
from nlu.train import server_command, train
from tests.bench import rasa_form
from tests.bench.load import Load, converse
from tests.bench.served import Served, listening, served
from tests.bench.talks import RasaTalk, ScriptedTalk, Talk, WeChatTalk, stories

ROUNDS = 6
SLICE_SECONDS = 2.0
"""Short turns, so that a busy moment of the machine meets all."""
CONNECTIONS = 32
"""Enough that no server waits for its clients: with half of them ours had a sixth of the machine idle."""
TOKEN = "bench-token"
APP_ID = "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
QUESTIONS = 6
"""Of Rasa's form, so that its conversations are as long as ours."""

_LISTENER = [sys.executable, "-m", "bot.serve", "residents"]
_FLOOR = [sys.executable, "-m", "tests.bench.floor"]

Say = Callable[[str], None]


def measure(say: Say) -> Mapping[str, float]:
    """Return ours to the floor and to Rasa: requests per second, each server one process."""
    train(say=say)
    model = rasa_form.form_model(say, QUESTIONS)
    with ExitStack() as opened:
        place = Path(opened.enter_context(TemporaryDirectory()))
        place.chmod(0o755)
        url = opened.enter_context(EmbeddedPostgres(place))
        databases = {name: _create(url, name) for name in ("ours", "floor", "rasa")}
        asyncio.run(prepare(databases["ours"], load_settings(_env_file=None)))
        nlu = opened.enter_context(served(server_command))
        servers = {
            "ours": opened.enter_context(listening(_LISTENER, _settings(place, databases["ours"], nlu.url))),
            "floor": opened.enter_context(listening(_FLOOR, {"DATABASE_URL": databases["floor"]})),
            "rasa": opened.enter_context(
                served(lambda port: rasa_form.command(model, place, databases["rasa"], port))
            ),
        }
        return _compared(say, servers, nlu, databases["ours"])


def _compared(say: Say, servers: Mapping[str, Served], nlu: Served, database: str) -> Mapping[str, float]:
    told = stories()
    url = servers["ours"].url
    plain = [WeChatTalk(url, TOKEN, told) for _ in range(CONNECTIONS)]
    safe = [WeChatTalk(url, TOKEN, told, APP_ID, AES_KEY) for _ in range(CONNECTIONS)]
    scripted = [
        ScriptedTalk(WeChatTalk(servers["floor"].url, TOKEN, told), QUESTIONS + 1) for _ in range(CONNECTIONS)
    ]
    rasa = [RasaTalk(servers["rasa"].url, told) for _ in range(CONNECTIONS)]
    talks: Mapping[str, Sequence[Talk]] = {"plain": plain, "safe": safe, "floor": scripted, "rasa": rasa}
    of = {"plain": "ours", "safe": "ours", "floor": "floor", "rasa": "rasa"}
    loads: dict[str, list[Load]] = {name: [] for name in talks}
    processor = {name: [0.0, 0.0] for name in talks}
    names = list(talks)
    for number in range(ROUNDS + 1):
        for name in names[number % 4 :] + names[: number % 4]:
            server = servers[of[name]]
            before = [server.processor_seconds(), nlu.processor_seconds()]
            found = asyncio.run(converse(server.url, talks[name], SLICE_SECONDS))
            after = [server.processor_seconds(), nlu.processor_seconds()]
            # The first round is for warming up.
            if number:
                loads[name].append(found)
                processor[name] = [sum(it) for it in zip(processor[name], after, strict=True)]
                processor[name] = [a - b for a, b in zip(processor[name], before, strict=True)]
    cases, transactions = _counted(database)
    opened = sum(talk.opened for talk in (*plain, *safe))
    if cases != opened:
        raise RuntimeError(f"{opened} residents were told a number, and there are {cases} cases")
    turns = sum(talk.turns for talk in (*plain, *safe))
    given_up = sum(talk.given_up for talk in (*plain, *safe))
    say(
        f"{CONNECTIONS} connections, {ROUNDS} turns of {SLICE_SECONDS:.0f} s each, one process each,"
        f" {os.cpu_count()} cores"
    )
    for name, rounds in loads.items():
        each = [1000 * spent / sum(len(it.latencies) for it in rounds) for spent in processor[name]]
        say(f"{name}: {_told(rounds)}")
        say(f"  processor for a message: {each[0]:.2f} ms, and {each[1]:.2f} ms of the language model")
    say(
        f"ours: {cases} cases from {turns} messages ({turns / max(1, opened):.1f} each, {given_up} given up),"
        f" {transactions / turns:.2f} transactions a message"
    )
    return {
        "wechat_vs_floor": _ratio(loads, "plain", "floor"),
        "wechat_safe_vs_floor": _ratio(loads, "safe", "floor"),
        "wechat_vs_rasa": _ratio(loads, "plain", "rasa"),
    }


def _told(rounds: Sequence[Load]) -> str:
    speed, half = median(it.throughput for it in rounds), median(it.median_ms for it in rounds)
    slow, own = median(it.slowest_percent_ms for it in rounds), median(it.share for it in rounds)
    return (
        f"{speed:.0f}/s, half within {half:.1f} ms, 99 of 100 within {slow:.1f} ms"
        f" (the load generator took {own:.0%} of a core)"
    )


def _ratio(loads: Mapping[str, list[Load]], ours: str, theirs: str) -> float:
    return median(a.throughput / b.throughput for a, b in zip(loads[ours], loads[theirs], strict=True))


def _create(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database bench_{name}")
    return url.replace("/fengqiao?", f"/bench_{name}?")


def _counted(url: str) -> tuple[int, int]:
    with psycopg.connect(url) as connection:
        cases = connection.execute("select count(*) from cases").fetchone()
        commits = connection.execute(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"
        ).fetchone()
    assert cases and commits
    return int(cases[0]), int(commits[0])


def _settings(place: Path, url: str, nlu: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "DATA_DIR": str(place / "data"),
        "NLU_URL": nlu,
        "REDIS_URL": "",
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_AES_KEY": AES_KEY,
        "FLOOD_LIMIT": "100000",
    }
