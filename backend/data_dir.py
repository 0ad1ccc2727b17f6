"""The data directory belongs to one running installation at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataDirError(Exception):
    """The directory cannot be had; the message is one sentence for the operator that says what to do."""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold `data_dir` while the block runs; the kernel gives it back even after a kill.

    Raises DataDirError when another process holds it or it cannot be written.
    """
    path = data_dir / "running.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+", encoding="ascii")
    except OSError as error:
        raise DataDirError(
            f"DATA_DIR {data_dir} cannot be used ({error.strerror}): make it writable or choose another."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DataDirError(
                f"Another process ({lock.read().strip() or 'unknown'}) uses DATA_DIR {data_dir}:"
                " stop it first, or choose another DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
