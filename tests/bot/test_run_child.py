"""A child process under the supervisor: real processes, short pauses."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bot import child as child_module
from bot.child import Child, Program

Keeping = Callable[..., AbstractAsyncContextManager[Child]]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeping(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Keeping:
    """Keep a program running while a block runs."""
    monkeypatch.setattr(child_module, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(child_module, "LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(child_module, "STOP_SECONDS", 0.5)

    @asynccontextmanager
    async def keep(source: str, *arguments: str) -> AsyncIterator[Child]:
        program = Program("example", [sys.executable, "-u", "-c", source, *arguments], dict(os.environ))
        child = Child(program, tmp_path, said.append)
        task = asyncio.create_task(child.keep())
        yield child
        await child.stop()
        await task
        child.close()

    return keep


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def log(directory: Path) -> list[dict[str, str]]:
    path = directory / "example.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_a_child_that_ends_is_started_again_after_longer_and_longer_pauses(
    keeping: Keeping, said: list[str]
) -> None:
    async with keeping("print('no such table'); raise SystemExit(3)"):
        await until(lambda: len(said) >= 4)
    assert said[0].startswith(
        "example ended unexpectedly (exit 3), starting it again in 0.1 s. no such table (log:"
    )
    assert [line.split(" in ")[1].split(" s.")[0] for line in said[:4]] == ["0.1", "0.1", "0.2", "0.2"]


async def test_a_killed_child_is_started_again_and_called_by_its_signal(
    keeping: Keeping, said: list[str]
) -> None:
    async with keeping("import time; time.sleep(60)") as child:
        await until(lambda: child.pid)
        first = child.pid
        assert first is not None
        psutil.Process(first).kill()
        await until(lambda: child.pid not in {None, first})
    assert "SIGKILL" in said[0]
    assert not psutil.pid_exists(first)


async def test_stop_waits_for_a_child_that_tidies_up(
    keeping: Keeping, tmp_path: Path, said: list[str]
) -> None:
    source = """
import signal, sys, time
def stop(*_):
    time.sleep(0.2); print('tidied up'); sys.exit(0)
signal.signal(signal.SIGTERM, stop); print('ready')
while True: time.sleep(1)
"""
    async with keeping(source):
        await until(lambda: log(tmp_path))
    assert [line["message"] for line in log(tmp_path)] == ["ready", "tidied up"]
    assert said == []


async def test_a_child_that_will_not_end_is_killed_with_its_own_children(
    keeping: Keeping, tmp_path: Path, said: list[str]
) -> None:
    source = """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(['sleep', '60'], start_new_session=False).pid)
while True: time.sleep(1)
"""
    async with keeping(source) as child:
        await until(lambda: log(tmp_path))
        grandchild = int(log(tmp_path)[0]["message"])
        own = child.pid
    assert said == ["example did not end within 0 s and is killed."]
    assert own is not None
    assert not psutil.pid_exists(own)
    await until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


async def test_its_output_becomes_json_lines_and_an_endless_line_stops_nothing(
    keeping: Keeping, tmp_path: Path
) -> None:
    source = """
import time
print('{"message": "ready made", "service": "its own"}')
print('x' * 3_000_000)
print('plain 文字')
time.sleep(60)
"""
    async with keeping(source):
        await until(lambda: any(line["message"] == "plain 文字" for line in log(tmp_path)))
    first, *_, last = log(tmp_path)
    assert first == {"message": "ready made", "service": "its own"}
    assert last["service"] == "example"
    assert last["at"].endswith("+00:00")


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    source = """
import asyncio, os, sys
from pathlib import Path
from bot.child import Child, Program
program = Program('example', ['sleep', '60'], dict(os.environ))
async def main():
    child = Child(program, Path(sys.argv[1]), print)
    task = asyncio.create_task(child.keep())
    while child.pid is None: await asyncio.sleep(0.01)
    print(child.pid, flush=True)
    await task
asyncio.run(main())
"""
    command = [sys.executable, "-c", source, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    deadline = time.monotonic() + 5
    while child.is_running() and child.status() != "zombie":
        assert time.monotonic() < deadline, "the child outlived its supervisor"
        time.sleep(0.02)
