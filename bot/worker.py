"""The worker: runs jobs, turns what came due into jobs, and takes back what a killed worker left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import uvloop
from procrastinate import App, PsycopgConnector

from backend.db.database import DatabaseUnavailable
from backend.db.queue import CASES, DOWNLOADS, FILES, LIVE, PUSHES, REPLIES
from backend.logs import configure_logging
from backend.settings import Settings, SettingsError, load_settings
from bot.compose import composed
from bot.jobs import register
from bot.registry import CHANNELS
from handlers.carried import take_back
from handlers.follow_up import claim_due
from handlers.parts import Parts
from handlers.stash import take_up
from handlers.unsubmitted import remind

logger = logging.getLogger(__name__)

SHARES = {LIVE: 4, CASES: 2, FILES: 2}
"""Jobs at once by queue; none takes another's share: a reply finds a free hand whatever else waits."""
REPLIES_AT_ONCE = 8
PUSHES_AT_ONCE = 3
DOWNLOADS_AT_ONCE = 2
"""For each channel: a server that hangs keeps its own channel's hands."""
LANES = {REPLIES: REPLIES_AT_ONCE, PUSHES: PUSHES_AT_ONCE, DOWNLOADS: DOWNLOADS_AT_ONCE}
TICK_SECONDS = 1.0
SIGN_OF_LIFE_EVERY = 5
"""Seconds."""
STALLED_AFTER = 30
"""Seconds without a sign of life after which a worker's jobs are taken back."""
STALLED_EVERY = 10
"""Ticks between two looks for such jobs."""
TAKE_BACK_SECONDS = 10.0
"""Between two looks for listeners that died."""
REMIND_SECONDS = 60.0
"""Between two looks for residents who told something and went silent."""
RESTART_SECONDS = 1.0


async def work_for_ever(parts: Parts, *, tick_seconds: float = TICK_SECONDS) -> None:
    """Work until cancelled; a lost database is waited for."""
    while True:
        # Gathered as a task of its own: an error at the moment of a cancellation cannot hide it, and a
        # failing group (which in Python 3.11 leaves its task marked as cancelled) cannot pretend one.
        (error,) = await asyncio.gather(_work(parts, tick_seconds), return_exceptions=True)
        errors = error.exceptions if isinstance(error, ExceptionGroup) else [error]
        kinds = sorted({type(error).__name__ for error in errors})
        logger.warning("worker interrupted", extra={"errors": kinds})
        await asyncio.sleep(RESTART_SECONDS)


async def _work(parts: Parts, tick_seconds: float) -> None:
    shares = SHARES | {
        f"{lane}{channel}": at_once for lane, at_once in LANES.items() for channel in parts.channels
    }
    # Each queue keeps one connection to listen on.
    connector = PsycopgConnector(conninfo=parts.database.conninfo, min_size=2, max_size=2 * len(shares))
    app = App(connector=connector)
    register(app, parts)
    async with contextlib.AsyncExitStack() as closing:
        # Before it is open: one that is cancelled half-way would try to connect for ever.
        closing.push_async_callback(app.close_async)
        await app.open_async()
        group = await closing.enter_async_context(asyncio.TaskGroup())
        group.create_task(_tick(app, parts, tick_seconds))
        group.create_task(_take_up(parts, tick_seconds))
        group.create_task(_take_back(parts))
        group.create_task(_remind(parts))
        for queue, at_once in shares.items():
            group.create_task(_run(app, queue, at_once, _switched_off(parts) if queue == LIVE else ()))


class _WorkerEnded(Exception):
    """The queue's worker stopped by itself (it was taken for dead while the database was away)."""


def _switched_off(parts: Parts) -> Sequence[str]:
    """Replies of channels that are not used now: somebody has to note why they wait."""
    return [f"{REPLIES}{channel.name}" for channel in CHANNELS if channel.name not in parts.channels]


async def _run(app: App, queue: str, at_once: int, besides: Sequence[str]) -> None:
    await app.run_worker_async(
        name=queue,
        queues=[queue, *besides],
        concurrency=at_once,
        # The end of a job wakes nobody: the next one of its conversation is found by looking.
        fetch_job_polling_interval=0.5 if queue.startswith(REPLIES) else 2.0,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=SIGN_OF_LIFE_EVERY,
        stalled_worker_timeout=STALLED_AFTER,
    )
    raise _WorkerEnded


async def _tick(app: App, parts: Parts, tick_seconds: float) -> None:
    ticks = 0
    while True:
        await claim_due(parts)
        if ticks % STALLED_EVERY == 0:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
                await app.job_manager.retry_job(job)
        ticks += 1
        await asyncio.sleep(tick_seconds)


async def _take_up(parts: Parts, tick_seconds: float) -> None:
    """Beside the timers: a message that was kept may take as long as the language model."""
    while True:
        await take_up(parts)
        await asyncio.sleep(tick_seconds)


async def _take_back(parts: Parts) -> None:
    """Not at once: when the database was away, the listeners that live say so first."""
    while True:
        await asyncio.sleep(TAKE_BACK_SECONDS)
        await take_back(parts)


async def _remind(parts: Parts) -> None:
    until = None
    while True:
        until = await remind(parts, until)
        await asyncio.sleep(REMIND_SECONDS)


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then let running jobs end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with composed(settings) as made:
        task = asyncio.create_task(work_for_ever(made.parts))
        # A worker that ends by itself ends the process, and is started again.
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, DatabaseUnavailable):
            await task


if __name__ == "__main__":
    try:
        chosen = load_settings()
        configure_logging("worker")
        # Where cores are few, whoever answers residents comes first.
        os.nice(5)
        # Not this module's own: procrastinate warns of an app in the main module. Our tasks have names.
        uvloop.run(import_module("bot.worker").main(chosen))
    except SettingsError as error:
        sys.exit(str(error))
