"""Rasa under the supervisor: trained, started, announced, started again; without it the chat goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from bot.language_model import LanguageModel
from bot.ports import free_port
from nlu.train import model_path


@asynccontextmanager
async def kept(data_dir: Path, said: list[str]) -> AsyncIterator[tuple[LanguageModel, asyncio.Task[None]]]:
    model = LanguageModel(free_port(), data_dir, data_dir / "logs", said.append, workers=2)
    keeping = asyncio.create_task(model.keep())
    yield model, keeping
    await model.stop()
    await keeping


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(200):
        while not condition():
            await asyncio.sleep(0.05)


def servers(data_dir: Path) -> list[psutil.Process]:
    """The processes that have this directory's model."""
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if str(data_dir) in " ".join(process.cmdline()):
                found.append(process)
    return found


def alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


async def test_the_server_is_announced_answers_and_comes_back_after_a_kill(
    tmp_path: Path, trained_model: Path
) -> None:
    (tmp_path / "models").mkdir()
    model_path(tmp_path).symlink_to(trained_model)
    said: list[str] = []
    async with kept(tmp_path, said) as (model, _), httpx.AsyncClient(timeout=30, trust_env=False) as client:
        await until(lambda: "Language model: ready." in said)
        assert said == [
            "Language model: loading (until it answers, the chat sorts by keywords).",
            "Language model: ready.",
        ]
        parsed = await client.post(f"{model.url}/model/parse", json={"text": "老板欠我三个月工资"})
        assert parsed.json()["intent"]["name"] == "劳资"
        (before,) = servers(tmp_path)
        workers = before.children()
        assert len(workers) == 2
        workers[0].kill()
        # It is replaced without a word, and the other goes on.
        await until(lambda: len(before.children()) == 2 and workers[0] not in before.children())
        assert said[-1] == "Language model: ready."
        before.kill()
        await until(lambda: "rasa ended unexpectedly (SIGKILL)" in said[-1])
        await until(lambda: servers(tmp_path) and servers(tmp_path)[0].pid != before.pid)
        await until(lambda: not any(map(alive, workers)))
    assert servers(tmp_path) == []


async def test_a_missing_environment_is_said_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_PYTHON", str(tmp_path / "nowhere"))
    said: list[str] = []
    async with kept(tmp_path, said) as (_, keeping):
        await keeping
    assert len(said) == 1
    assert said[0].startswith("No language model: Rasa's Python environment is missing")
    assert said[0].endswith("Until then the chat sorts by keywords.")


async def test_a_training_that_fails_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_PYTHON", "/bin/false")
    said: list[str] = []
    async with kept(tmp_path, said) as (_, keeping):
        await keeping
    assert any("Training the language model failed (exit 1); the reason is in" in line for line in said)
    assert said[-1] == "Language model: not trained; the chat sorts by keywords until `make train` succeeds."


def sleeping() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if p.name() == "sleep"]


async def test_a_stop_ends_a_training_quietly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("RASA_PYTHON", str(slow))
    said: list[str] = []
    async with kept(tmp_path, said):
        await until(sleeping)
        trainings = sleeping()
    assert not any("not trained" in line for line in said)
    await until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in trainings))


async def test_a_fresh_model_is_served_after_its_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = tmp_path / "quick"
    quick.write_text(
        "#!/bin/sh\n"
        'case "$3" in run) exec sleep 60 ;; esac\n'
        'while [ "$#" -gt 0 ]; do\n'
        '    case "$1" in --out) out=$2 ;; --fixed-model-name) name=$2 ;; esac\n'
        "    shift\n"
        "done\n"
        'touch "$out/$name"\n'
    )
    quick.chmod(0o755)
    monkeypatch.setenv("RASA_PYTHON", str(quick))
    said: list[str] = []
    async with kept(tmp_path, said):
        await until(lambda: any("loading" in line for line in said))
        assert model_path(tmp_path).exists()
    assert any("trained in" in line for line in said)
