"""A server under measurement: its start, its memory, its processor time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from nlu.server import running

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
