"""How far a message got that is too long for one: so that a second try does not repeat its beginning."""

from __future__ import annotations

from datetime import timedelta

from backend.db import shared_values
from backend.db.database import Database

KEPT = timedelta(days=2)
"""Longer than any message is tried."""


class Progress:
    """The number of parts that have arrived, by the message's id; lost, it costs a repetition."""

    def __init__(self, database: Database) -> None:
        """Kept beside the messages, for all processes."""
        self._database = database

    async def of(self, outgoing_id: int) -> int:
        """How many parts have arrived. Raises DatabaseUnavailable."""
        async with self._database.work() as work:
            found = await shared_values.read(work, _key(outgoing_id))
        return int(found["parts"]) if found else 0

    async def note(self, outgoing_id: int, parts: int) -> None:
        """So many parts have arrived. Raises DatabaseUnavailable."""
        async with self._database.work() as work:
            await shared_values.write(work, _key(outgoing_id), {"parts": parts}, work.now + KEPT)
            await work.commit()


def _key(outgoing_id: int) -> str:
    return f"telegram_parts:{outgoing_id}"
