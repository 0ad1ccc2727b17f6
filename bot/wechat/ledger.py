"""The ledger of customer service messages: consulted before each send, put right by WeChat's answers.

It lies in PostgreSQL and is shared by all processes (decision 0018). What WeChat counts may differ: another
program of the account sends too. So a refusal closes the way until the resident's next contact.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.conversations import standing as standings
from backend.conversations.standing import Standing
from backend.conversations.views import Sender
from backend.db.database import Database, DatabaseUnavailable
from bot.wechat.errors import NotReached
from bot.wechat.windows import NotAllowed, Share, share

logger = logging.getLogger(__name__)

SERVICE = "custom"
"""The way of customer service messages (客服消息)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to send so many messages, counted already."""

    standing: Standing
    share: Share


class Ledger(Protocol):
    """Counts what residents are sent first."""

    async def take(self, sender: Sender, messages: int) -> Grant:
        """Leave for so many messages; raises NotAllowed, or NotReached without the database."""

    async def give_back(self, grant: Grant) -> None:
        """They were not sent after all."""

    async def close(self, grant: Grant, why: str, *, left: bool) -> None:
        """WeChat refused: nothing more this way before their next contact; `left`: they unfollowed."""


class SqlLedger:
    """The ledger as rows."""

    def __init__(self, database: Database) -> None:
        """Shared by whoever has this database."""
        self._database = database

    async def take(self, sender: Sender, messages: int) -> Grant:
        """See `Ledger`."""
        try:
            async with self._database.work() as work:
                standing = await standings.look(work, sender)
                if standing is None:
                    raise NotAllowed("window_closed")
                try:
                    granted = _granted(standing, messages, work.now)
                    standings.count(work, standing, wrote=granted.wrote, touched=granted.touched)
                finally:
                    await work.commit()
        except DatabaseUnavailable:
            raise NotReached("no_ledger") from None
        return Grant(standing, granted)

    async def give_back(self, grant: Grant) -> None:
        """See `Ledger`; what cannot be noted costs one message of the allowance."""
        try:
            async with self._database.work() as work:
                taken = grant.share
                standings.count(work, grant.standing, wrote=-taken.wrote, touched=-taken.touched)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("allowance not given back: the database is away")

    async def close(self, grant: Grant, why: str, *, left: bool) -> None:
        """See `Ledger`; what cannot be noted costs one more refusal."""
        try:
            async with self._database.work() as work:
                await standings.close(work, grant.standing, SERVICE, why)
                if left:
                    await standings.mark_left(work, grant.standing)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("refusal not noted: the database is away")


def _granted(standing: Standing, messages: int, now: datetime) -> Share:
    if standing.left:
        raise NotAllowed("not_following")
    if SERVICE in standing.closed:
        raise NotAllowed(standing.closed[SERVICE])
    return share(standing, messages, now)
