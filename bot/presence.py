"""A residents' listener says that it is there, until it has ended in good order (decision 0021)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator

from backend.conversations import listeners
from backend.db.database import Database, DatabaseUnavailable
from backend.db.named import named
from backend.settings import Settings

logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def present(settings: Settings) -> AsyncIterator[Settings]:
    """Say so while the body runs; yields the settings with which its connections bear its name.

    Over a connection of its own: a process whose others are all busy is not dead. Whoever leaves the body by
    an exception has not signed off.
    """
    if not settings.database_url:
        yield settings
        return
    name = f"fengqiao-residents-{secrets.token_hex(6)}"
    database = Database(settings.database_url, pool_size=1)
    signing = asyncio.create_task(_sign(database, name))
    try:
        yield settings.model_copy(update={"database_url": named(settings.database_url, name)})
        signing.cancel()
        await asyncio.gather(signing, return_exceptions=True)
        with contextlib.suppress(DatabaseUnavailable):
            async with database.work() as work:
                await listeners.sign_off(work, name)
                await work.commit()
    finally:
        signing.cancel()
        await asyncio.gather(signing, return_exceptions=True)
        await database.close()


async def _sign(database: Database, name: str) -> None:
    while True:
        try:
            async with database.work() as work:
                await listeners.sign(work, name)
                await work.commit()
        except DatabaseUnavailable:
            logger.info("no sign given, the database is away")
        await asyncio.sleep(listeners.SIGN_EVERY.total_seconds())
