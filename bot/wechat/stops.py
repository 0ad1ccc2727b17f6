"""APIs that all processes leave alone for a while: the day's quota is used up, or the right is missing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from backend.conversations.alerts import raise_channel_alert
from backend.db import shared_values
from backend.db.database import Database, DatabaseUnavailable
from backend.domain.deadlines import SHANGHAI
from bot.wechat.apis import EVERY_CALL, FORCED_TOKEN, STABLE_TOKEN
from bot.wechat.errors import (
    ALERTING,
    DAILY_QUOTA,
    NO_MENU,
    NO_RIGHTS,
    OUR_MISTAKE,
    NotReached,
    TokenError,
    WeChatError,
    reason,
)

logger = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(days=1)
"""When a right that was missing is tried again: the account may have been verified meanwhile."""

PROBED_AGAIN = timedelta(minutes=1)
"""When it is tried again whether WeChat lets us in: what hinders every call must not become a storm."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One API that rests."""

    api: str
    code: int
    until: datetime


class Stops(Protocol):
    """Remembers what WeChat refuses for now; a loss costs one more refusal."""

    async def check(self, api: str) -> None:
        """Raise WeChatError again, without a call, while the stop lasts; TokenError when no call is let in.

        NotReached when nobody can know.
        """

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
                stops = await shared_values.several(work, (self._key(EVERY_CALL), self._key(api)))
        except DatabaseUnavailable:
            raise NotReached("database_away") from None
        if stop := stops.get(self._key(EVERY_CALL)):
            raise TokenError(int(stop.value["code"]))
        if stop := stops.get(self._key(api)):
            raise WeChatError(int(stop.value["code"]))

    async def refused(self, api: str, code: int) -> None:
        """See `Stops`."""
        if code not in ALERTING and code != NO_MENU and api != EVERY_CALL:
            return
        try:
            async with self._database.work() as work:
                if code != NO_MENU:
                    await raise_channel_alert(work, f"wechat_{reason(code)}")
                if (until := rests_until(api, code, work.now)) is not None:
                    await shared_values.write(work, self._key(api), {"code": code}, until)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("refusal not shared: the database is away", extra={"errcode": code})

    async def standing(self) -> list[Stop]:
        """What rests now. Raises DatabaseUnavailable."""
        async with self._database.work() as work:
            found = await shared_values.under(work, self._key(""))
        return [
            Stop(key.removeprefix(self._key("")), int(stop.value["code"]), stop.expires_at)
            for key, stop in sorted(found.items())
        ]

    async def ask_again(self) -> None:
        """Forget all but the day's quota: an operator has seen to it. Raises DatabaseUnavailable."""
        async with self._database.work() as work:
            for key, stop in (await shared_values.under(work, self._key(""))).items():
                if int(stop.value["code"]) != DAILY_QUOTA:
                    await shared_values.forget(work, key)
            await work.commit()

    def _key(self, api: str) -> str:
        return f"wechat_stop:{self._app_id}:{api}"


class NoStops:
    """An operator's own calls: nothing is spared, nothing is remembered."""

    async def check(self, api: str) -> None:
        """Nothing rests."""

    async def refused(self, api: str, code: int) -> None:
        """The operator sees it."""


def rests_until(api: str, code: int, now: datetime) -> datetime | None:
    """Until when an API is left alone after such a refusal; None: it is not."""
    if code == DAILY_QUOTA:
        midnight = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)
        return midnight.astimezone(UTC)
    if code in {NO_RIGHTS, NO_MENU}:
        return now + ASKED_AGAIN
    shut_out = api == EVERY_CALL or (api in {STABLE_TOKEN, FORCED_TOKEN} and code in OUR_MISTAKE)
    return now + PROBED_AGAIN if shut_out else None
