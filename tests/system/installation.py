"""A whole installation as `make run` starts it: the supervisor and its children as real processes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "callback-token"
APP_ID = "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ADMIN_PASSWORD = "a long password for tests"
UP_SECONDS = 60


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Installation:
    """One data directory and the supervisor that runs on it; `start` and `stop` as often as a test likes."""

    data_dir: Path
    wechat_api: str
    port: int = field(default_factory=free_port)
    staff_port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    _supervisor: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The residents' address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def staff_url(self) -> str:
        """The staff's address."""
        return f"http://127.0.0.1:{self.staff_port}"

    def start(self) -> None:
        """Start the supervisor and wait until both listeners are ready."""
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "STAFF_PORT": str(self.staff_port),
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "NLU_URL": "http://127.0.0.1:9",
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            "QUIET_HOURS": "",
            "WECHAT_TOKEN": TOKEN,
            "WECHAT_APP_ID": APP_ID,
            "WECHAT_APP_SECRET": "app-secret",
            "WECHAT_AES_KEY": AES_KEY,
            "WECHAT_API_BASE": self.wechat_api,
            **self.extra,
        }
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "console.log").open("ab") as console:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "bot.run"], cwd=ROOT, env=environment, stdout=console, stderr=console
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when both listeners answer; raises AssertionError with the console's end otherwise."""
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if all(httpx.get(f"{u}/readyz").status_code == 200 for u in (self.url, self.staff_url)):
                    return
            time.sleep(0.2)
        raise AssertionError((self.data_dir / "console.log").read_text()[-3000:])

    def stop(self) -> None:
        """Ctrl-C, and wait for the end."""
        if self._supervisor is not None:
            self._supervisor.send_signal(signal.SIGINT)
            self._supervisor.wait(60)
            self._supervisor = None

    def processes(self, part: str) -> list[psutil.Process]:
        """The running processes of one part: `residents`, `bot.worker`, `staff`, `postgres`."""
        assert self._supervisor is not None
        if part == "postgres":
            pid_file = next(self.data_dir.rglob("postmaster.pid"), None)
            if pid_file is None:
                return []
            with contextlib.suppress(psutil.Error, ValueError, IndexError, OSError):
                postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
                return [postmaster, *postmaster.children()]
            return []
        found = []
        for process in psutil.Process(self._supervisor.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(part in argument for argument in process.cmdline()):
                    found.append(process)
        return found

    def kill(self, part: str, chance: random.Random) -> bool:
        """`kill -9` one process of a part, if it runs."""
        running = self.processes(part)
        if not running:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            chance.choice(running).kill()
            return True
        return False


@contextlib.contextmanager
def installation(data_dir: Path, wechat_api: str, **extra: str) -> Iterator[Installation]:
    """A started installation, stopped at the end."""
    made = Installation(data_dir, wechat_api, extra=extra)
    try:
        made.start()
        yield made
    finally:
        made.stop()
