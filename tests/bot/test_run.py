"""`python -m bot.run` as an operator meets it: real processes, kills, restarts, trouble in one sentence."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from bot.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """One data directory and two ports, started and stopped as often as a test likes."""

    def __init__(self, directory: Path) -> None:
        self.data_dir = directory / "data"
        self.port = free_port()
        self.staff_port = free_port()
        self.printed: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {
            "PORT": str(self.port),
            "STAFF_PORT": str(self.staff_port),
            "DATA_DIR": str(self.data_dir),
            # Nobody listens there: the chat goes on by keywords, and no test waits for a training.
            "NLU_URL": "http://127.0.0.1:9",
        }
        return kept | own | changes

    def once(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run to the end, which must come by itself."""
        command = [sys.executable, "-m", "bot.run"]
        environment = self.environment(**changes)
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def start(self, **changes: str) -> None:
        self.printed = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.run"],
            cwd=ROOT,
            env=self.environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("Staff: ")

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))

    def wait_for(self, words: str, seconds: float = 60) -> str:
        """The next printed line with these words."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"nothing about {words!r} within {seconds} s, but:\n" + "\n".join(self.printed))
            self.printed.append(line)
            if words in line:
                return line

    @property
    def supervisor(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def child(self, name: str) -> psutil.Process:
        """The process of `residents`, `staff` or `worker`."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for process in self.supervisor.children():
                try:
                    command = process.cmdline()
                except psutil.Error:
                    continue
                if command[-1:] == [name] or command[-1:] == [f"bot.{name}"]:
                    return process
            time.sleep(0.05)
        raise AssertionError(f"no process runs {name}")

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))

    def get(self, path: str, *, staff: bool = False) -> httpx.Response:
        port = self.staff_port if staff else self.port
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=30, trust_env=False)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after this signal."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    """The one installation of these tests; each leaves it running or stopped, never half."""
    with tempfile.TemporaryDirectory() as directory:
        installation = Installation(Path(directory))
        installation.start()
        try:
            yield installation
        finally:
            installation.stop()
            assert not is_running(installation.data_dir)


@pytest.fixture
def running(installed: Installation) -> Installation:
    if installed._process is None or installed._process.poll() is not None:
        installed.start()
    return installed


def is_running(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists()


def within(seconds: float, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_the_first_start_prints_addresses_and_a_password_once(running: Installation) -> None:
    printed = "\n".join(running.printed)
    assert re.search(r"^Administrator: admin, one-time password \S{12,}$", printed, re.MULTILINE)
    assert f"Residents' chat: http://127.0.0.1:{running.port}/" in printed
    assert f"http://127.0.0.1:{running.staff_port}/" in running.printed[-1]
    for staff in (False, True):
        assert running.get("/healthz", staff=staff).status_code == 200
        ready = running.get("/readyz", staff=staff)
        assert (ready.status_code, ready.json()["database"]) == (200, "ok")
    password = printed.split("one-time password ")[1].split()[0]
    for log in (running.data_dir / "logs").iterdir():
        assert password not in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_the_next_start_goes_on(
    running: Installation, number: signal.Signals
) -> None:
    everybody = [*running.supervisor.children(recursive=True), running.postmaster]
    assert len(everybody) >= 4
    assert running.stop(number) == 0
    assert all(gone(process) for process in everybody)
    assert not is_running(running.data_dir)
    running.start()
    assert running.get("/readyz").status_code == 200
    assert not any("password" in line for line in running.printed)


@pytest.mark.parametrize("name", ["residents", "staff"])
def test_a_killed_listener_comes_back_and_requests_wait_for_it(running: Installation, name: str) -> None:
    before = running.child(name)
    before.kill()
    assert running.get("/healthz", staff=name == "staff").status_code == 200
    line = running.wait_for(f"{name} ended unexpectedly (SIGKILL)")
    assert line.endswith(f"(log: {running.data_dir}/logs/{name}.log)")
    assert running.child(name).pid != before.pid


def test_a_killed_worker_comes_back(running: Installation) -> None:
    before = running.child("worker")
    before.kill()
    running.wait_for("worker ended unexpectedly (SIGKILL)")
    assert running.child("worker").pid != before.pid


@pytest.mark.parametrize("victim", ["postmaster", "checkpointer"])
def test_a_killed_database_comes_back_under_processes_that_stay(running: Installation, victim: str) -> None:
    children = [running.child(name) for name in ("residents", "staff", "worker")]
    before = running.postmaster
    if victim == "postmaster":
        before.kill()
        running.wait_for("Database: stopped answering, starting it again.")
        running.wait_for("Database: answers again")
        assert running.postmaster.pid != before.pid
    else:
        (checkpointer,) = [p for p in before.children() if victim in " ".join(p.cmdline())]
        checkpointer.kill()
        within(20, lambda: gone(checkpointer))
    within(20, lambda: running.get("/readyz").status_code == 200)
    within(20, lambda: running.get("/readyz", staff=True).status_code == 200)
    assert not any(gone(child) for child in children)


def test_nothing_outlives_a_killed_supervisor_but_the_database_which_the_next_one_joins(
    running: Installation,
) -> None:
    children = [running.child(name) for name in ("residents", "staff", "worker")]
    database = running.postmaster
    running.stop(signal.SIGKILL)
    within(5, lambda: all(gone(child) for child in children))
    assert not gone(database)
    running.start()
    assert running.postmaster.pid == database.pid
    assert running.get("/readyz").status_code == 200


def test_a_second_supervisor_for_the_same_data_says_so_and_ends(running: Installation) -> None:
    second = running.once(PORT=str(free_port()), STAFF_PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr == (
        f"Another process ({running.supervisor.pid}) uses DATA_DIR {running.data_dir}:"
        " stop it first, or choose another DATA_DIR.\n"
    )
    assert running.get("/readyz").status_code == 200


@pytest.mark.parametrize("setting", ["PORT", "STAFF_PORT"])
def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path: Path, setting: str) -> None:
    installation = Installation(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = installation.once(**{setting: str(port)})
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Port {port} is taken by another program: stop that one, or set {setting} to a free port.\n"
    )
    assert not (installation.data_dir / "postgres").exists()


def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    ended = Installation(tmp_path).once(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:9/nothing")
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database cannot be brought up to date: ")
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr


def test_a_weak_password_is_one_sentence_without_its_value(tmp_path: Path, empty_database_url: str) -> None:
    ended = Installation(tmp_path).once(DATABASE_URL=empty_database_url, ADMIN_PASSWORD="qwertyuiop")
    assert ended.returncode == 1
    assert ended.stderr.startswith("unusable settings: ADMIN_PASSWORD: ")
    assert ended.stderr.count("\n") == 1
    assert "qwertyuiop" not in ended.stderr + ended.stdout
    assert "Residents' chat" not in ended.stdout


def test_an_unusable_setting_is_one_sentence_without_its_value(tmp_path: Path) -> None:
    ended = Installation(tmp_path).once(PORT="a-secret")
    assert ended.returncode == 1
    assert ended.stderr.startswith("unusable settings: PORT: ")
    assert "a-secret" not in ended.stderr
