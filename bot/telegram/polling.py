"""Ask Telegram for updates where it cannot deliver them: one process at a time, until each is committed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from pydantic import ValidationError

from backend.db.database import DatabaseUnavailable
from bot.telegram.client import CALL_SECONDS
from bot.telegram.intake import UPDATES, Intake
from bot.telegram.lease import Lease
from bot.telegram.updates import ALLOWED, id_of

logger = logging.getLogger(__name__)

ASK_SECONDS = 8
"""How long Telegram holds a question open when there is nothing (Bot API, getUpdates: timeout)."""

HELD = timedelta(seconds=20)
"""Life of the lease, one question and the work on its answer: nobody is heard so long after a kill."""

LOOK_SECONDS = 5.0
"""Between two looks at whether the process that asks is still there."""

CONFLICT_SECONDS = 10.0
"""Longer than a second poller that died can keep its question open after its connection is gone."""

FAILED_SECONDS = 3.0

EMPTY_SECONDS = 0.1
"""After a question without an answer: a server or a proxy that does not hold it open is not run down."""

CHATS_AT_ONCE = 8


class Polling:
    """Asks, and confirms by asking for what comes after (Bot API, getUpdates: offset)."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        lease: Lease,
        begin: Callable[[], Awaitable[None]],
        *,
        ask_seconds: int = ASK_SECONDS,
    ) -> None:
        """`begin` is called when this process becomes the one that asks; `ask_seconds`: for how long."""
        self._bot = bot
        self._intake = intake
        self._lease = lease
        self._begin = begin
        self._ask_seconds = ask_seconds
        self._offset: int | None = None
        self._alone = False

    async def run(self) -> None:
        """Ask until cancelled, while no other process does."""
        try:
            while True:
                rest = await self._step()
                await asyncio.sleep(rest)
        finally:
            if self._alone:
                await self._leave()

    async def _step(self) -> float:
        """One question and the work on its answer; the seconds to wait afterwards."""
        try:
            if not await self._lease.hold():
                self._alone = False
                return LOOK_SECONDS
            if not self._alone:
                await self._begin()
                self._alone, self._offset = True, None
            updates = await self._ask()
            await self._work_on(updates)
        except DatabaseUnavailable:
            return FAILED_SECONDS
        except TelegramConflictError:
            # Somebody has set a webhook, or asks with the same token: begin anew.
            logger.warning("somebody else gets this bot's updates")
            self._alone = False
            return CONFLICT_SECONDS
        except TelegramRetryAfter as error:
            return float(error.retry_after)
        except AiogramError as error:
            level = logging.ERROR if isinstance(error, TelegramUnauthorizedError) else logging.INFO
            logger.log(level, "no updates", extra={"error": type(error).__name__})
            return FAILED_SECONDS
        return 0.0 if updates else EMPTY_SECONDS

    async def _ask(self) -> list[Update]:
        """What came since the last confirmation; nothing of it is confirmed yet."""
        try:
            return await self._bot.get_updates(
                offset=self._offset,
                timeout=self._ask_seconds,
                allowed_updates=list(ALLOWED),
                request_timeout=round(self._ask_seconds + CALL_SECONDS),
            )
        except ClientDecodeError as error:
            # One update that cannot be read must not hold up all others for ever.
            data: Any = error.data
            if not isinstance(data, dict) or not isinstance(data.get("result"), list):
                raise
            return self._readable(data["result"])

    def _readable(self, found: Sequence[Any]) -> list[Update]:
        updates = []
        for one in found:
            try:
                updates.append(Update.model_validate(one))
            except ValidationError:
                update_id = id_of(one)
                logger.error("update cannot be read and is lost", extra={"update_id": update_id})
                UPDATES.labels("malformed").inc()
                updates += [Update(update_id=update_id)] if update_id is not None else []
        return updates

    async def _work_on(self, updates: Sequence[Update]) -> None:
        """Take updates in, those of one chat in order; confirm up to the first that is not committed."""
        chats: dict[int, list[Update]] = defaultdict(list)
        for update in updates:
            chats[_chat(update)].append(update)
        places = asyncio.Semaphore(CHATS_AT_ONCE)
        left = await asyncio.gather(*(self._take(chat, places) for chat in chats.values()))
        if failed := [update_id for update_id in left if update_id is not None]:
            self._offset = min(failed)
            raise DatabaseUnavailable
        if updates:
            self._offset = max(update.update_id for update in updates) + 1

    async def _take(self, updates: Sequence[Update], places: asyncio.Semaphore) -> int | None:
        """The id of the first update that could not be committed; None when all were."""
        async with places:
            for update in updates:
                try:
                    await self._intake.take(update)
                except DatabaseUnavailable:
                    return update.update_id
        return None

    async def _leave(self) -> None:
        try:
            await self._lease.release()
        except DatabaseUnavailable:
            logger.info("lease left to run out")


def _chat(update: Update) -> int:
    """Whose update it is: what one resident does is worked on in its order."""
    if update.callback_query is not None:
        return update.callback_query.from_user.id
    for part in (update.message, update.edited_message, update.my_chat_member):
        if part is not None:
            return part.chat.id
    return 0
