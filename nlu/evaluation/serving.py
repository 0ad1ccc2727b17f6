"""A server for a model that is not the present data's: a fold's, another pipeline's."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from nlu.server import running_server
from nlu.train import model_path

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address, and the seconds until it answered."""

    url: str
    start_seconds: float
    others: frozenset[psutil.Process] = frozenset()
    """The children of this process that are none of the server's."""

    def memory(self) -> float:
        """Return the resident memory of its processes in MB; where Linux tells, shared pages count once."""
        return sum(map(_resident, _children() - self.others)) / _MEGABYTE


@contextmanager
def served(model: Path) -> Iterator[Served]:
    """Run the server of this model file while the context lasts.

    Raises:
        TrainError: the server does not start.

    """
    others = _children()
    # The server takes the present data's model from a data directory: this one holds `model` in its place.
    with tempfile.TemporaryDirectory() as directory:
        place = model_path(Path(directory))
        place.parent.mkdir()
        place.symlink_to(model.resolve())
        started = time.monotonic()
        with running_server(Path(directory)) as url:
            yield Served(url, time.monotonic() - started, others)


def _children() -> frozenset[psutil.Process]:
    return frozenset(psutil.Process().children(recursive=True))


def _resident(process: psutil.Process) -> int:
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", memory.rss))
