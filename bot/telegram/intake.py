"""What becomes of an update, however it came: committed first, thanked for afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery, Message, Update
from prometheus_client import Counter

from backend.conversations.views import Sender
from backend.db.database import Clock, DatabaseUnavailable
from bot.telegram import keyboards
from bot.telegram.updates import Received, read
from dialogs.texts import text
from handlers.messages import IncomingMessage

logger = logging.getLogger(__name__)

UPDATES = Counter("fengqiao_telegram_updates", "Updates of Telegram by what came of them", ["outcome"])

FINISH_SECONDS = 5.0
"""How long a process that is stopped waits for thanks that are under way; lost, they do no harm."""

Handle = Callable[[IncomingMessage], Awaitable[object]]
Returned = Callable[[Sender], Awaitable[object]]


class Intake:
    """Takes updates in, once each: an update that is delivered again changes nothing."""

    def __init__(
        self, bot: Bot, handle: Handle, keep: Handle, returned: Returned, largest: int, clock: Clock
    ) -> None:
        """`handle` works on a message in one transaction, `keep` stores one that could not be worked on.

        `returned` is told who lets the bot write again; `largest` is the size of a photo in bytes.
        """
        self._bot = bot
        self._handle = handle
        self._keep = keep
        self._returned = returned
        self._largest = largest
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, update: Update) -> None:
        """Commit what an update asks for. Raises DatabaseUnavailable: it is to be delivered again."""
        received = read(update, self._bot.id, self._largest, self._clock())
        try:
            if received.message is not None:
                await self._hear(received.message)
            if received.returned is not None:
                await self._returned(received.returned)
        except DatabaseUnavailable:
            UPDATES.labels("database_away").inc()
            raise
        UPDATES.labels(_outcome(received)).inc()
        # Nothing of this is promised to anybody, so it may happen after the acknowledgement.
        if received.tap is not None:
            self._begin(self._thank(received.tap))
        if received.group is not None:
            self._begin(self._decline(received.group))

    async def finish(self) -> None:
        """Wait a little for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_SECONDS)

    async def _hear(self, message: IncomingMessage) -> None:
        try:
            await self._handle(message)
        except DatabaseUnavailable:
            raise
        except Exception:
            # Refused, it would come again and again and hold up everything this resident says after it.
            logger.exception("message left to the worker", extra={"message_id": message.message_id})
            await self._keep(message)

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        # The event loop keeps only weak references.
        task = asyncio.create_task(coroutine)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _thank(self, tap: CallbackQuery) -> None:
        """Stop the clock on the button, and show in the conversation what was chosen."""
        try:
            await self._bot.answer_callback_query(tap.id)
            message, data = tap.message, tap.data or ""
            if isinstance(message, Message) and message.reply_markup is not None:
                left = keyboards.after_tap(message.reply_markup, data)
                if left is not None:
                    await self._bot.edit_message_reply_markup(
                        chat_id=message.chat.id, message_id=message.message_id, reply_markup=left
                    )
        except (AiogramError, TimeoutError, OSError) as error:
            # Too old a tap, a message that is gone: the answer itself was heard.
            logger.info("tap not thanked for", extra={"error": type(error).__name__})

    async def _decline(self, chat_id: int) -> None:
        """A matter is nobody else's business: say so once, and leave."""
        try:
            await self._bot.send_message(chat_id, text("group.only_private"))
            await self._bot.leave_chat(chat_id)
        except (AiogramError, TimeoutError, OSError) as error:
            logger.info("group not left", extra={"error": type(error).__name__})


def _outcome(received: Received) -> str:
    if received.message is not None:
        return received.message.kind
    for name in ("tap", "returned", "group"):
        if getattr(received, name) is not None:
            return name
    return "ignored"
