"""The parts run apart, as containers run them: preparation once, then one listener per process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from bot import prepare, serve
from bot.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def environment(tmp_path: Path, database_url: str, **changes: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)} | changes


def test_preparation_fills_an_empty_database_once(
    tmp_path: Path,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    assert prepare.main() == 0
    assert capsys.readouterr().out.startswith("Administrator: admin, one-time password ")
    assert prepare.main() == 0
    assert capsys.readouterr().out == ""
    with psycopg.connect(empty_database_url) as connection:
        found = connection.execute("select username, must_change_password from staff").fetchall()
    assert found == [("admin", True)]


def test_preparation_refuses_a_password_that_everybody_tries_while_it_would_be_used(
    tmp_path: Path,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("ADMIN_PASSWORD", "admin123456")
    assert prepare.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("unusable settings: ADMIN_PASSWORD: ") and said.count("\n") == 1
    assert "admin123456" not in said
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select count(*) from staff").fetchone() == (0,)
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    assert prepare.main() == 0
    monkeypatch.setenv("ADMIN_PASSWORD", "admin123456")
    assert prepare.main() == 0, "it is read on the first start alone"


def test_preparation_without_a_database_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert prepare.main() == 1
    assert capsys.readouterr().err.startswith("DATABASE_URL is not set")


@pytest.mark.parametrize(("name", "port"), [("residents", "PORT"), ("staff", "STAFF_PORT")])
def test_a_listener_of_its_own_serves_until_a_signal(
    tmp_path: Path, database_url: str, name: str, port: str
) -> None:
    number = free_port()
    env = environment(tmp_path, database_url, **{port: str(number)})
    command = [sys.executable, "-m", "bot.serve", name]
    with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as listener:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    ready = httpx.get(f"http://127.0.0.1:{number}/readyz", timeout=10, trust_env=False)
                    break
                except httpx.TransportError:
                    assert listener.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            assert (ready.status_code, ready.json()["nlu"]) == (200, "off")
        finally:
            listener.terminate()
            assert listener.stderr is not None
            logged = listener.stderr.read()
        assert listener.wait() in {0, -15}
    assert f'"service": "{name}"' in logged
    assert "/readyz" not in logged


def test_an_open_page_at_the_end_is_no_error(tmp_path: Path, database_url: str) -> None:
    number = free_port()
    env = environment(tmp_path, database_url, PORT=str(number))
    command = [sys.executable, "-m", "bot.serve", "residents"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as listener:
        try:
            deadline = time.monotonic() + 60
            page = httpx.Client(base_url=f"http://127.0.0.1:{number}", timeout=10, trust_env=False)
            while True:
                try:
                    page.get("/")
                    break
                except httpx.TransportError:
                    assert listener.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            with page.stream("GET", "/chat/events") as events:
                assert events.status_code == 200
                listener.terminate()
                assert listener.wait(30) in {0, -15}
        finally:
            listener.kill()
            page.close()
            assert listener.stderr is not None
            logged = [json.loads(line) for line in listener.stderr.read().splitlines()]
    (cut_off,) = [line for line in logged if "graceful shutdown exceeded" in line["message"]]
    assert cut_off["level"] == "INFO"
    assert [line for line in logged if line["level"] == "ERROR"] == []


def test_a_worker_starts_and_ends_without_a_warning(tmp_path: Path, database_url: str) -> None:
    env = environment(tmp_path, database_url)
    command = [sys.executable, "-m", "bot.worker"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as worker:
        try:
            deadline = time.monotonic() + 60
            with psycopg.connect(database_url, autocommit=True) as connection:
                while connection.execute("select count(*) from procrastinate_workers").fetchone() == (0,):
                    assert worker.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
        finally:
            worker.terminate()
            assert worker.stderr is not None
            logged = worker.stderr.read()
        assert worker.wait() == 0
    assert '"WARNING"' not in logged and '"ERROR"' not in logged, logged


@pytest.mark.parametrize("arguments", [[], ["nobody"], ["residents", "staff"]])
def test_a_wrong_name_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.main(arguments) == 2
    assert capsys.readouterr().err == "usage: python -m bot.serve residents|staff\n"


def test_a_listener_with_unusable_settings_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAFF_PORT", "none")
    assert serve.main(["staff"]) == 1
    assert capsys.readouterr().err.startswith("unusable settings: STAFF_PORT: ")
