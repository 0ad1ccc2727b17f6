"""The embedded PostgreSQL under the supervisor: started first, watched, started again, stopped last."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from backend.db.embedded import EmbeddedError, EmbeddedPostgres
from bot.child import Say
from bot.start_error import StartError

LOOK_SECONDS = 1.0


class DatabaseKeeper:
    """Notices that the server is gone, and brings it back while everything else waits and reconnects."""

    def __init__(self, data_dir: Path, say: Say) -> None:
        """The server's files are under `data_dir`."""
        self._server = EmbeddedPostgres(data_dir)
        self._say = say
        self._stopping = asyncio.Event()

    async def start(self) -> str:
        """The database's address once it answers. Raises StartError."""
        if not self._server.cluster.exists():
            self._say("Database: creating it ...")
        try:
            return await asyncio.to_thread(self._server.start)
        except EmbeddedError as error:
            raise StartError(str(error)) from None

    async def keep(self) -> None:
        """Watch until `stop`."""
        while not self._stopping.is_set():
            if not await asyncio.to_thread(self._server.is_alive):
                await self._revive()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)

    async def stop(self) -> None:
        """Stop watching, then the server."""
        self._stopping.set()
        await asyncio.to_thread(self._server.stop)

    async def _revive(self) -> None:
        self._say("Database: stopped answering, starting it again.")
        try:
            await asyncio.to_thread(self._server.start)
        except EmbeddedError as error:
            self._say(f"Database: {error} Trying again.")
        else:
            self._say("Database: answers again; nothing that was confirmed is lost.")
