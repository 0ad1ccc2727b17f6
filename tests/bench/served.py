"""A server under measurement, started by any command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from nlu.evaluation.serving import Served
from nlu.server import running


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


def processor_seconds(server: Served) -> float:
    """Return what all its processes have taken so far."""
    times = [process.cpu_times() for process in server.processes]
    return sum(each.user + each.system for each in times)
