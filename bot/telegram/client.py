"""aiogram's Bot for this project: bounded calls, plain text, and no secret in an error.

The token is part of every address; errors of the HTTP library may quote it and never leave this module.
"""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest
from aiogram.utils.token import TokenValidationError, validate_token
from aiohttp import ClientError

from backend.settings import Settings, SettingsError

CALL_SECONDS = 10.0

LARGEST_DOWNLOAD = 20 * 1024 * 1024
"""Bytes (Bot API, getFile: bots can download files of up to 20 MB)."""

_LOST = ("file is too big", "invalid file_id", "wrong file identifier")
"""What getFile says of a file that it will never give; "temporarily unavailable" is another matter."""


class NotDownloaded(Exception):
    """The download did not work this time; its text is the kind of the failure."""


def check_token(settings: Settings) -> str:
    """The bot's token; raises SettingsError when it cannot be one."""
    token = settings.telegram_token.get_secret_value() if settings.telegram_token else ""
    try:
        validate_token(token)
    except TokenValidationError:
        raise SettingsError(
            "unusable settings: TELEGRAM_TOKEN: looks like 123456789:AAF…, from @BotFather"
        ) from None
    return token


def make_bot(settings: Settings) -> Bot:
    """A bot that sends words as they are (no markup, no link previews); raises SettingsError."""
    server = TelegramAPIServer.from_base(settings.telegram_api_base)
    return Bot(
        check_token(settings),
        session=AiohttpSession(api=server, timeout=CALL_SECONDS),
        default=DefaultBotProperties(parse_mode=None, link_preview_is_disabled=True),
    )


async def download(bot: Bot, file_id: str, max_bytes: int) -> tuple[bytes, str]:
    """A file that a resident sent, and its name there.

    Raises LookupError when Telegram does not have it (any more) or it is larger than `max_bytes`, and
    NotDownloaded or aiogram's own errors when another try makes sense.
    """
    try:
        file = await bot.get_file(file_id)
    except TelegramBadRequest as error:
        if any(words in str(error.message).lower() for words in _LOST):
            raise LookupError("telegram_400_file_lost") from None
        raise NotDownloaded("refused") from None
    if file.file_path is None or (file.file_size or 0) > max_bytes:
        raise LookupError("too_large")
    content = bytearray()
    try:
        stream = bot.session.stream_content(bot.session.api.file_url(bot.token, file.file_path))
        async for chunk in stream:
            content += chunk
            if len(content) > max_bytes:
                await stream.aclose()
                raise LookupError("too_large")
    except (ClientError, TimeoutError) as error:
        raise NotDownloaded(type(error).__name__) from None
    return bytes(content), file.file_path.rpartition("/")[2]
