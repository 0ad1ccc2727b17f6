"""What one running installation holds and no second may: its data directory and its two ports."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.start_error import StartError

BACKLOG = 512
"""Connections that wait while a listener restarts."""


@contextmanager
def claimed(data_dir: Path) -> Iterator[None]:
    """Hold `data_dir` while the block runs; the kernel gives it back even after a kill.

    Raises StartError when another process holds it or it cannot be written.
    """
    path = data_dir / "running.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = path.open("a+", encoding="ascii")
    except OSError as error:
        raise StartError(
            f"DATA_DIR {data_dir} cannot be used ({error.strerror}): make it writable or choose another."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(
                f"Another process ({lock.read().strip() or 'unknown'}) uses DATA_DIR {data_dir}:"
                " stop it first, or choose another DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket that children can inherit. Raises StartError, naming `setting`, for a taken port."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} is taken by another program: stop that one, or set {setting} to a free port."
            ) from None
        raise StartError(f"Cannot listen on {host}:{port} ({error.strerror}): change {setting}.") from None
    listening.setblocking(False)
    return listening


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
