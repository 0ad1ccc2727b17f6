"""A server under measurement: its start, its memory, its processor time."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from bot.ports import free_port
from nlu.server import running
from nlu.train import ROOT

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    url: str
    start_seconds: float
    processes: tuple[psutil.Process, ...]

    def memory(self) -> float:
        """Return what its processes hold, in MB; what they share counts once."""
        return sum(process.memory_full_info().pss for process in self.processes) / _MEGABYTE

    def processor_seconds(self) -> float:
        """Return what its processes have taken so far."""
        times = [process.cpu_times() for process in self.processes]
        return sum(each.user + each.system for each in times)


@contextmanager
def served(command: Callable[[int], list[str]]) -> Iterator[Served]:
    """Run a server of Rasa's routes by its command for a free port.

    Raises:
        TrainError: it does not start.

    """
    own = psutil.Process()
    before = set(own.children(recursive=True))
    started = time.monotonic()
    with running(command) as url:
        seconds = time.monotonic() - started
        yield Served(url, seconds, tuple(set(own.children(recursive=True)) - before))


@contextmanager
def listening(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Served]:
    """Run a listener of this project, which takes its PORT from the environment, until it says it is ready.

    Raises:
        RuntimeError: it ends instead.

    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    started = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = psutil.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            while not _is_ready(url):
                if process.poll() is not None:
                    raise RuntimeError(f"{command[-1]} did not start")
                time.sleep(0.1)
            yield Served(url, time.monotonic() - started, (process,))
        except RuntimeError as error:
            log.seek(0)
            error.add_note(f"{command[-1]}'s last words: {log.read().decode(errors='replace')[-3000:]}")
            raise
        finally:
            process.terminate()
            process.wait(20)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
