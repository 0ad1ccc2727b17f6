"""Forked workers: one that dies is replaced, all end together, also when their parent is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, socket, sys
from nlu.rasa_server.workers import Workers

listening = [socket.create_server(("127.0.0.1", int(sys.argv[1])), reuse_port=True) for _ in range(2)]

def work(number):
    signal.signal(signal.SIGTERM, {end})
    while True:
        connection, _ = listening[number].accept()
        with connection:
            connection.sendall(f"{{number}} {{os.getpid()}}".encode())

Workers(2, work, lambda line: print(line, flush=True)).run()
print("over", flush=True)
"""
POLITE = "lambda *_: sys.exit()"
DEAF = "signal.SIG_IGN"


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Running:
    def __init__(self, end: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        program = [sys.executable, "-c", PROGRAM.format(end=end), str(self.port)]
        self.parent = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        until(lambda: len(self.workers()) == 2)
        until(lambda: len({self.ask() for _ in range(20)}) == 2)

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.parent.pid).children()

    def ask(self) -> tuple[int, int]:
        """Number and process of the worker that answers; none may refuse."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            number, process = connection.recv(100).split()
            return int(number), int(process)


@pytest.fixture
def running() -> Iterator[Callable[[str], Running]]:
    started: list[Running] = []

    def start(end: str = POLITE) -> Running:
        started.append(Running(end))
        return started[-1]

    yield start
    for one in started:
        # Its workers end with it.
        one.parent.kill()
        one.parent.communicate()


def test_a_dead_worker_is_replaced_and_nobody_is_refused(running: Callable[[], Running]) -> None:
    server = running()
    number, process = server.ask()
    os.kill(process, signal.SIGKILL)
    # Until it is dead it may still accept somebody.
    until(lambda: not is_alive(process))
    answered = {server.ask() for _ in range(40)}
    until(lambda: len(server.workers()) == 2)
    answered |= {server.ask() for _ in range(40)}
    assert {of for of, _ in answered} == {0, 1}
    assert {one for of, one in answered if of == number} - {process}
    server.parent.terminate()
    said, _ = server.parent.communicate(timeout=10)
    assert said == f"worker {number} ended unexpectedly (-9), another takes its place\nover\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_end_with_a_signal_to_the_parent(running: Callable[[], Running], number: signal.Signals) -> None:
    server = running()
    workers = server.workers()
    server.parent.send_signal(number)
    said, _ = server.parent.communicate(timeout=10)
    assert (said, server.parent.returncode) == ("over\n", 0)
    assert not any(worker.is_running() for worker in workers)


def test_a_worker_that_does_not_listen_is_killed(running: Callable[[str], Running]) -> None:
    server = running(DEAF)
    workers = server.workers()
    server.parent.terminate()
    assert server.parent.wait(20) == 0
    assert not any(worker.is_running() for worker in workers)


def test_workers_do_not_outlive_a_killed_parent(running: Callable[[], Running]) -> None:
    server = running()
    workers = server.workers()
    server.parent.kill()
    server.parent.wait()
    assert psutil.wait_procs(workers, timeout=10)[1] == []
