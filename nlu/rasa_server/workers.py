"""Processes that share what was loaded before them: forked, replaced when one dies, stopped together."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

PAUSE = 0.2
"""Seconds until a dead worker is replaced; what asks it meanwhile waits in its socket."""
STOP_SECONDS = 5.0
"""Then a worker that was told to end is killed."""

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Workers:
    """Keeps `count` processes in which `work(n)` runs, n from 0; it returns at SIGTERM."""

    def __init__(self, count: int, work: Callable[[int], None], say: Callable[[str], None]) -> None:
        """`say` hears of deaths. Nothing is started yet."""
        self._count = count
        self._work = work
        self._say = say
        self._numbers: dict[int, int] = {}
        """The number of each worker by its process."""

    def run(self) -> None:
        """Fork the workers and replace those that end, until a signal to stop; then end them all."""
        # Blocked signals wait for sigwait, so none can come between a fork and its note in the table.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD, *_STOPS))
        # This process alone holds the other end: it closes when the process ends, however that happens.
        lifeline, held = os.pipe()
        for number in range(self._count):
            self._start(number, mask, lifeline, held)
        while signal.sigwait((signal.SIGCHLD, *_STOPS)) == signal.SIGCHLD:
            for number, code in list(self._ended()):
                self._say(f"worker {number} ended unexpectedly ({code}), another takes its place")
                time.sleep(PAUSE)
                self._start(number, mask, lifeline, held)
        self._stop()

    def _start(self, number: int, mask: set[int], lifeline: int, held: int) -> None:
        if process := os.fork():
            self._numbers[process] = number
            return
        os.close(held)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
        code = 1
        try:
            self._work(number)
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Nothing of the parent's is ended twice.
            os._exit(code)

    def _ended(self) -> Iterator[tuple[int, int]]:
        """Number and exit code (negative for a signal) of those that are no more."""
        for process in list(self._numbers):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                yield self._numbers.pop(process), os.waitstatus_to_exitcode(status)

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._numbers:
            os.kill(process, signal.SIGTERM)
        while self._numbers:
            list(self._ended())
            if time.monotonic() > deadline:
                for process in self._numbers:
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.02)


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
