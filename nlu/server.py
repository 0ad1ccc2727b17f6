"""The model's HTTP server for as long as something needs it: evaluation, tests."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from nlu.train import ROOT, TrainError, server_command, server_environment

START_LIMIT = 120  # seconds; some ten are usual
STOP_LIMIT = 10  # seconds


@contextmanager
def running_server(data_dir: Path | None = None) -> Iterator[str]:
    """Start the server of the present data's model on a free port, yield its address, stop it.

    Raises:
        TrainError: the model is missing or the server does not start.

    """
    with running(lambda port: server_command(port, data_dir)) as address:
        yield address


@contextmanager
def running(command: Callable[[int], list[str]]) -> Iterator[str]:
    """Start a server of Rasa's routes by its command for a free port, yield its address, stop it.

    Raises:
        TrainError: it does not start.

    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command(port),
            cwd=ROOT,
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_ready(process, address, log)
            yield address
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/status", timeout=1, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    log.seek(0)
    last_words = log.read().decode(errors="replace")[-2000:]
    raise TrainError(f"Rasa's server did not start (limit {START_LIMIT} s); its last words: {last_words}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
