"""The embedded database under the supervisor, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from backend.db import embedded
from bot import database_keeper
from bot.database_keeper import DatabaseKeeper
from bot.start_error import StartError


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.05)


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))


async def test_a_killed_server_is_noticed_and_started_again(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_keeper, "LOOK_SECONDS", 0.05)
    said: list[str] = []
    keeper = DatabaseKeeper(server_dir, said.append)
    await keeper.start()
    assert said == ["Database: creating it ..."]
    keeping = asyncio.create_task(keeper.keep())
    before = postmaster(server_dir)
    before.kill()
    await until(lambda: len(said) == 3)
    assert said[1:] == [
        "Database: stopped answering, starting it again.",
        "Database: answers again; nothing that was confirmed is lost.",
    ]
    after = postmaster(server_dir)
    assert after.pid != before.pid
    await keeper.stop()
    await keeping
    assert not (server_dir / "postgres" / "postmaster.pid").exists()


async def test_a_server_that_cannot_be_started_again_is_tried_until_it_can(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_keeper, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(embedded, "START_SECONDS", 0.2)
    said: list[str] = []
    keeper = DatabaseKeeper(server_dir, said.append)
    await keeper.start()
    keeping = asyncio.create_task(keeper.keep())
    control = server_dir / "postgres" / "global" / "pg_control"
    hidden = control.with_name("hidden")
    control.rename(hidden)
    postmaster(server_dir).kill()
    await until(lambda: any("did not answer within" in line and "Trying again" in line for line in said))
    hidden.rename(control)
    await until(lambda: "answers again" in said[-1])
    await keeper.stop()
    await keeping


async def test_a_place_where_it_cannot_run_is_one_sentence(server_dir: Path) -> None:
    (server_dir / "file").write_text("")
    with pytest.raises(StartError, match="choose another DATA_DIR"):
        await DatabaseKeeper(server_dir / "file", print).start()
