"""Everything on one machine under one supervisor: `python -m bot.run` (what `make run` starts)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx

from backend.data_dir import DataDirError, held
from backend.settings import Settings, SettingsError, load_settings
from bot.child import Child, Program
from bot.database_keeper import DatabaseKeeper
from bot.language_model import LanguageModel
from bot.log_file import LogFile
from bot.ports import free_port, listen
from bot.prepare import prepare
from bot.registry import check_channels
from bot.serve import SOCKET_VARIABLE
from bot.start_error import StartError

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0


class Supervisor:
    """Starts the parts in order, keeps them running, and stops them in the opposite order."""

    def __init__(self, settings: Settings, data_dir: Path) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._data_dir = data_dir
        self._logs = data_dir / "logs"
        self._log = LogFile(self._logs, "supervisor")
        self._stopping = asyncio.Event()
        self._children: list[Child] = []
        self._model: LanguageModel | None = None
        self._keeper: DatabaseKeeper | None = None

    async def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP. Raises StartError or SettingsError when it cannot start."""
        loop = asyncio.get_running_loop()
        settings = self._settings
        with ExitStack() as held:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._stopping.set)
                held.callback(loop.remove_signal_handler, number)
            residents = held.enter_context(listen(settings.host, settings.port, "PORT"))
            staff = held.enter_context(listen(settings.staff_host, settings.staff_port, "STAFF_PORT"))
            try:
                url = await self._database()
                await self._prepare(url)
                if not self._stopping.is_set():
                    self._appoint(url, residents.fileno(), staff.fileno())
                    await self._keep()
            finally:
                await self._stop()
                self._say("Stopped.")
                self._log.close()

    async def _database(self) -> str:
        if self._settings.database_url:
            return self._settings.database_url
        self._keeper = DatabaseKeeper(self._data_dir, self._say)
        return await self._keeper.start()

    async def _prepare(self, url: str) -> None:
        try:
            password = await prepare(url, self._settings)
        except SettingsError:
            raise
        except Exception as error:
            # The driver's first line names the host or the version, never a row.
            reason = str(error).strip().splitlines()[0] if str(error) else type(error).__name__
            raise StartError(f"The database cannot be brought up to date: {reason}") from error
        if password:
            # At once, because it is known only now, and to no log.
            print(f"Administrator: admin, one-time password {password}", flush=True)  # noqa: T201

    def _appoint(self, url: str, residents: int, staff: int) -> None:
        environment = self._environment(url)
        if not self._settings.nlu_url:
            workers = self._settings.nlu_workers
            self._model = LanguageModel(free_port(), self._data_dir, self._logs, self._say, workers)
            environment["NLU_URL"] = self._model.url
        self._children = [
            self._listener("residents", residents, environment),
            self._listener("staff", staff, environment),
            self._child("worker", [sys.executable, "-m", "bot.worker"], environment),
        ]

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as group:
            for part in (*self._children, self._model, self._keeper):
                if part is not None:
                    group.create_task(part.keep())
            announcing = group.create_task(self._announce())
            await self._stopping.wait()
            self._say("Stopping ...")
            announcing.cancel()
            await self._stop()

    async def _stop(self) -> None:
        """What uses the database first, the database last; again is harmless."""
        stopping = [child.stop() for child in self._children]
        if self._model is not None:
            stopping.append(self._model.stop())
        await asyncio.gather(*stopping)
        if self._keeper is not None:
            await self._keeper.stop()

    def _listener(self, name: str, listening: int, environment: dict[str, str]) -> Child:
        command = [sys.executable, "-m", "bot.serve", name]
        return self._child(name, command, environment | {SOCKET_VARIABLE: str(listening)}, listening)

    def _child(self, name: str, command: list[str], environment: dict[str, str], *sockets: int) -> Child:
        return Child(Program(name, command, environment, sockets), self._logs, self._say)

    def _environment(self, url: str) -> dict[str, str]:
        """Ours, with the answers to what we found out; the children read the same `.env`."""
        found = {"DATABASE_URL": url, "DATA_DIR": str(self._data_dir), "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **found}

    async def _announce(self) -> None:
        settings = self._settings
        residents = f"http://{_local(settings.host)}:{settings.port}/"
        staff = f"http://{_local(settings.staff_host)}:{settings.staff_port}/"
        async with httpx.AsyncClient(timeout=READY_SECONDS, trust_env=False) as client:
            # The sockets are open already: an answer comes as soon as the process behind each is there.
            for address in (residents, staff):
                while True:
                    try:
                        await client.get(f"{address}healthz")
                        break
                    except httpx.HTTPError:
                        await asyncio.sleep(0.5)
        self._say(f"Residents' chat: {residents}")
        self._say(f"Staff:           {staff}")

    def _say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201
        self._log.write(line)


def _local(host: str) -> str:
    """The address under which a listener on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def main() -> int:
    """Run until told to stop; 1 after one sentence when that is impossible."""
    try:
        settings = load_settings()
        check_channels(settings)
        if not (ROOT / "node_modules" / "htmx.org").is_dir():
            raise StartError("The browser assets are missing: run `make setup`.")
        data_dir = settings.data_dir.absolute()
        with held(data_dir):
            asyncio.run(Supervisor(settings, data_dir).run())
    except (StartError, DataDirError, SettingsError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
