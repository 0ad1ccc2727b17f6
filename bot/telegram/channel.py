"""A Telegram bot as a channel: every reply is pushed, choices are buttons, files are fetched by their id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from backend.conversations.views import Sender
from bot.stored_files import OpenFile, StoredFile
from bot.telegram import keyboards
from bot.telegram.client import LARGEST_DOWNLOAD, download
from bot.telegram.errors import is_no_photo, outcome_of, was_taken
from bot.telegram.pace import Pace
from bot.telegram.progress import Progress
from bot.telegram.text import LONGEST_CAPTION, clean, divide, length
from handlers.messages import Capabilities, Outcome, Rendered, Sent, TryLater, Undeliverable

NAME = "telegram"

PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What is sent as a photo; anything else goes as a file (Bot API, sendPhoto and sendDocument)."""

LARGEST_PHOTO = 10 * 1024 * 1024

PUSHES_PER_SECOND = 20
"""What is left of Telegram's 30 a second (see `bot.telegram.pace`) is for replies."""

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
Step = Callable[[], Awaitable[object]]


class TelegramChannel:
    """Sends through one bot."""

    name = NAME
    capabilities = Capabilities(
        reply="push",
        buttons=True,
        max_bytes=None,
        images=True,
        files=True,
        typing=True,
        pushes_per_second=PUSHES_PER_SECOND,
    )

    def __init__(
        self, bot: Bot, open_file: OpenFile, pace: Pace, progress: Progress, max_file_bytes: int
    ) -> None:
        """`max_file_bytes`: longest attachment that is downloaded."""
        self.bot = bot
        self._open_file = open_file
        self._pace = pace
        self._progress = progress
        self._max_file_bytes = min(max_file_bytes, LARGEST_DOWNLOAD)
        self._unfinished: list[Callable[[], Awaitable[None]]] = []

    def finish_first(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Wait for this before the channel is closed."""
        self._unfinished.append(finish)

    async def aclose(self) -> None:
        """Wait for what is under way, then give up the connections."""
        for finish in self._unfinished:
            await finish()
        await self.bot.session.close()

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        """Hand one message over, in parts if need be. An exception means that the outcome is unknown."""
        try:
            steps = await self._steps(int(address.user_id), message)
        except LookupError as reason:
            return Undeliverable(f"attachment_{reason.args[0]}")
        if not steps:
            return Undeliverable("telegram_nothing_to_send")
        done = await self._progress.of(message.id) if len(steps) > 1 else 0
        for place in range(done, len(steps)):
            wait = await self._pace.turn(address.user_id)
            if wait is not None:
                return TryLater("telegram_too_fast", after=wait)
            try:
                await steps[place]()
            except AiogramError as error:
                if not was_taken(error):
                    return await self._refused(address, error)
            if place + 1 < len(steps):
                await self._progress.note(message.id, place + 1)
        return Sent("bot")

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Download what a resident sent. Raises LookupError when Telegram has lost it or it is too large."""
        return await download(self.bot, remote_id, self._max_file_bytes)

    async def show_typing(self, address: Sender) -> None:
        """Show that an answer is being written. Raises the library's errors."""
        await self.bot.send_chat_action(int(address.user_id), ChatAction.TYPING)

    async def _refused(self, address: Sender, error: AiogramError) -> Outcome:
        outcome = outcome_of(error)
        if isinstance(outcome, TryLater) and outcome.after is not None:
            await self._pace.refused(address.user_id, outcome.after)
        return outcome

    async def _steps(self, chat_id: int, message: Rendered) -> list[Step]:
        """The calls that make up a message, its buttons with the last one; raises LookupError."""
        words, keyboard = clean(message.text), _keyboard(message)
        if message.choices and not isinstance(keyboard, InlineKeyboardMarkup):
            words += keyboards.numbered(message)
        file = await self._open_file(message.attachment_id) if message.attachment_id is not None else None
        if file is None:
            parts = divide(words)
            texts = [partial(self.bot.send_message, chat_id, part) for part in parts[:-1]]
            last = [
                partial(self.bot.send_message, chat_id, part, reply_markup=keyboard) for part in parts[-1:]
            ]
            return [*texts, *last]
        caption = words if length(words) <= LONGEST_CAPTION else ""
        before = [] if caption else [partial(self.bot.send_message, chat_id, part) for part in divide(words)]
        return [*before, partial(self._send_file, chat_id, file, caption, keyboard)]

    async def _send_file(self, chat_id: int, file: StoredFile, caption: str, keyboard: Keyboard) -> None:
        content = BufferedInputFile(file.content, file.name)
        if file.mime in PHOTOS and len(file.content) <= LARGEST_PHOTO:
            try:
                await self.bot.send_photo(chat_id, content, caption=caption, reply_markup=keyboard)
                return
            except TelegramBadRequest as error:
                if not is_no_photo(error):
                    raise
        await self.bot.send_document(chat_id, content, caption=caption, reply_markup=keyboard)


def _keyboard(message: Rendered) -> Keyboard:
    return keyboards.choices(message) or keyboards.offers(message)
