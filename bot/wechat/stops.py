"""APIs that all processes leave alone for a while: the day's quota is used up, or the right is missing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from backend.conversations.alerts import raise_channel_alert
from backend.db import shared_values
from backend.db.database import Database, DatabaseUnavailable
from backend.domain.deadlines import SHANGHAI
from bot.wechat.errors import ALERTING, DAILY_QUOTA, NO_MENU, NO_RIGHTS, NotReached, WeChatError, reason

logger = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(days=1)
"""When a right that was missing is tried again: the account may have been verified meanwhile."""


class Stops(Protocol):
    """Remembers what WeChat refuses for now; a loss costs one more refusal."""

    async def check(self, api: str) -> None:
        """Raise WeChatError again, without a call, while the stop lasts; NotReached when nobody can know."""

    async def refused(self, api: str, code: int) -> None:
        """WeChat refused this API: stop if the code says so, and tell staff if a person has to look."""


class SqlStops:
    """Stops as shared values."""

    def __init__(self, database: Database, app_id: str) -> None:
        """`app_id` names the account."""
        self._database = database
        self._app_id = app_id

    async def check(self, api: str) -> None:
        """See `Stops`."""
        try:
            async with self._database.work() as work:
                stop = await shared_values.read(work, self._key(api))
        except DatabaseUnavailable:
            raise NotReached("database_away") from None
        if stop is not None:
            raise WeChatError(int(stop["code"]))

    async def refused(self, api: str, code: int) -> None:
        """See `Stops`."""
        if code not in ALERTING and code != NO_MENU:
            return
        try:
            async with self._database.work() as work:
                if code in ALERTING:
                    await raise_channel_alert(work, f"wechat_{reason(code)}")
                if (until := _until(code, work.now)) is not None:
                    await shared_values.write(work, self._key(api), {"code": code}, until)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("refusal not shared: the database is away", extra={"errcode": code})

    def _key(self, api: str) -> str:
        return f"wechat_stop:{self._app_id}:{api}"


def _until(code: int, now: datetime) -> datetime | None:
    if code == DAILY_QUOTA:
        midnight = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)
        return midnight.astimezone(UTC)
    return now + ASKED_AGAIN if code in {NO_RIGHTS, NO_MENU} else None
