"""A lease: of all processes one does what must be done by one, and another goes on soon after it is gone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from backend.db import shared_values
from backend.db.database import Database


class Lease:
    """Held by one process for a while; what it guards must bear two at once for a moment."""

    def __init__(self, database: Database, name: str, life: timedelta) -> None:
        """`life`: how long it stays held after the last `hold`."""
        self._database = database
        self._key = f"lease:{name}"
        self._life = life
        self._me = uuid4().hex

    async def hold(self) -> bool:
        """Take it, or keep it for another `life`; False while another process holds it.

        Raises DatabaseUnavailable.
        """
        async with self._database.work() as work:
            await shared_values.alone(work, self._key)
            held = await shared_values.read(work, self._key)
            if held is not None and held["by"] != self._me:
                return False
            await shared_values.write(work, self._key, {"by": self._me}, work.now + self._life)
            await work.commit()
        return True

    async def release(self) -> None:
        """Leave it to the next one at once, if it is held here. Raises DatabaseUnavailable."""
        async with self._database.work() as work:
            await shared_values.alone(work, self._key)
            held = await shared_values.read(work, self._key)
            if held is not None and held["by"] == self._me:
                await shared_values.write(work, self._key, held, work.now)
                await work.commit()
