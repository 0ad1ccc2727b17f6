"""The supervisor inside the test's own process: order, announcements, settings that it finds out."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from backend.settings import Settings, load_settings
from bot import run
from bot.ports import free_port
from bot.run import Supervisor, main


@pytest.fixture
def settings(server_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """From the environment, because the children read theirs."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(server_dir))
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("STAFF_PORT", str(free_port()))
    monkeypatch.setenv("NLU_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    return load_settings(_env_file=None)


async def wait_for(capsys: pytest.CaptureFixture[str], words: str) -> str:
    printed = ""
    async with asyncio.timeout(60):
        while words not in printed:
            await asyncio.sleep(0.05)
            printed += capsys.readouterr().out
    return printed


async def test_parts_start_are_announced_and_stop_in_order(
    settings: Settings, server_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervising = asyncio.create_task(Supervisor(settings, server_dir).run())
    printed = await wait_for(capsys, "Staff: ")
    assert "password" not in printed
    environments = [p.environ() for p in psutil.Process().children() if "bot.worker" in p.cmdline()]
    assert [e["NLU_URL"] for e in environments] == ["http://127.0.0.1:9"]
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{settings.port}/readyz")).status_code == 200
    os.kill(os.getpid(), signal.SIGTERM)
    await supervising
    assert capsys.readouterr().out == "Stopping ...\nStopped.\n"
    assert not (server_dir / "postgres" / "postmaster.pid").exists()


async def test_a_signal_during_the_start_ends_it_before_anything_is_served(
    settings: Settings, server_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervising = asyncio.create_task(Supervisor(settings, server_dir).run())
    await wait_for(capsys, "creating it")
    os.kill(os.getpid(), signal.SIGINT)
    await supervising
    assert capsys.readouterr().out == "Stopped.\n"
    assert not (server_dir / "logs" / "residents.log").exists()


def test_missing_browser_assets_are_one_sentence(
    server_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROOT", server_dir)
    assert main() == 1
    assert capsys.readouterr().err == "The browser assets are missing: run `make setup`.\n"
