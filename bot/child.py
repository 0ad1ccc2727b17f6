"""One child process: started, listened to, started again when it ends by itself, stopped when told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.lifeline import ends_with
from bot.log_file import LogFile

Say = Callable[[str], None]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0
"""Seconds between an unexpected end and the next start, doubled each time: WeChat gives up after 15."""
SETTLED_SECONDS = 20.0
"""A child that ran this long was not failing at its start: the next pause is the first again."""
STOP_SECONDS = 20.0
_LINE_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What a child runs; its name is that of its log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    sockets: tuple[int, ...] = ()
    """Descriptors that it inherits."""


class Child:
    """Keeps one program running until `stop`."""

    def __init__(self, program: Program, logs: Path, say: Say, heard: Say | None = None) -> None:
        """`say` hears of ends and restarts, `heard` every line that the program prints."""
        self.program = program
        self._log = LogFile(logs, program.name)
        self._say = say
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._last_line = ""

    @property
    def pid(self) -> int | None:
        """Its process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def keep(self) -> None:
        """Run the program again and again until `stop`."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self.run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > SETTLED_SECONDS:
                pause = FIRST_PAUSE
            end = f"{self.program.name} ended unexpectedly ({_describe(code)})"
            self._say(f"{end}, starting it again in {pause:.1f} s. {self._last_words()}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def run_once(self) -> int:
        """Run the program to its end; its exit code, negative for a signal."""
        self._last_line = ""
        process = await asyncio.create_subprocess_exec(
            *self.program.command,
            env=dict(self.program.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=self.program.sockets,
            # A session of its own, so that Ctrl-C reaches the supervisor alone, which stops things in order.
            start_new_session=True,
            preexec_fn=ends_with(os.getpid()),
            limit=_LINE_LIMIT,
        )
        self._process = process
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        assert process.stdout is not None
        reading = asyncio.create_task(self._read(process.stdout))
        code = await process.wait()
        self._signal(signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reading, 2)
        return code

    async def stop(self) -> None:
        """Ask the program to end, wait, and kill what remains of it."""
        self._stopping.set()
        if self._process is None or self._process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._say(f"{self.program.name} did not end within {STOP_SECONDS:.0f} s and is killed.")
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def close(self) -> None:
        """Give the log file back."""
        self._log.close()

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group: some programs have children of their own."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = (await stream.readline()).decode(errors="replace")
            except ValueError:  # Longer than the limit: dropped by the reader, nothing to keep.
                continue
            if not line:
                return
            if line := line.rstrip():
                self._last_line = line
                self._log.write(line)
                if self._heard is not None:
                    self._heard(line)

    def _last_words(self) -> str:
        words = "" if self._last_line.startswith("{") else self._last_line[:200]
        return f"{words} (log: {self._log.path})" if words else f"(log: {self._log.path})"


def _describe(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name
