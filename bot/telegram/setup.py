"""What the bot is told once: where updates go, and the menu of its commands."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from backend.db import shared_values
from backend.db.database import Database
from backend.settings import Settings
from bot.channel import LOOPBACK
from bot.telegram.closed import PATH
from bot.telegram.updates import ALLOWED, COMMANDS
from dialogs.languages import DEFAULT_LANGUAGE, LANGUAGES
from dialogs.texts import sentences, text

logger = logging.getLogger(__name__)

PORTS = frozenset({443, 80, 88, 8443})
"""Where Telegram delivers to (Bot API, setWebhook)."""

AT_ONCE = 40
"""Deliveries at the same time (Bot API, setWebhook: max_connections, its default)."""

RECENT = timedelta(minutes=15)

AGAIN_AFTER = timedelta(days=1)
"""Even what has not changed is told again so often: somebody else may have changed it there."""


def webhook_address(settings: Settings) -> str:
    """Where Telegram can deliver updates; empty when it cannot, and has to be asked for them."""
    address = urlsplit(settings.public_url)
    reachable = address.scheme == "https" and address.hostname not in LOOPBACK
    if not reachable or (address.port or 443) not in PORTS:
        return ""
    return settings.public_url.rstrip("/") + PATH


async def tell_commands(bot: Bot, database: Database) -> None:
    """Give the bot its menu in every language that has it; nothing happens when it has it already.

    Raises aiogram's errors and DatabaseUnavailable.
    """
    menus = {language: _menu(language) for language in LANGUAGES if _has_menu(language)}
    if await _is_told(database, f"telegram_commands:{bot.id}", menus):
        return
    for language, menu in menus.items():
        await bot.set_my_commands(
            [BotCommand(command=name, description=words) for name, words in menu.items()],
            scope=BotCommandScopeAllPrivateChats(),
            # Without a code it is everybody's who has none of their own.
            language_code=None if language == DEFAULT_LANGUAGE else language,
        )
    await _note(database, f"telegram_commands:{bot.id}", menus)


def _has_menu(language: str) -> bool:
    return all(f"command.{name}" in sentences(language) for name in COMMANDS)


def _menu(language: str) -> dict[str, str]:
    return {name: text(f"command.{name}", language=language) for name in COMMANDS}


async def tell_webhook(bot: Bot, database: Database, address: str, secret: str) -> None:
    """Have updates delivered to `address`; nothing happens when they are already.

    What waits there is kept. Raises aiogram's errors and DatabaseUnavailable.
    """
    wanted = {"url": address, "secret": secret, "allowed": ALLOWED}
    info = await bot.get_webhook_info()
    if info.last_error_date is not None and database.clock() - info.last_error_date < RECENT:
        facts = {"pending": info.pending_update_count, "at": info.last_error_date.isoformat()}
        logger.warning("Telegram could not deliver some updates", extra=facts)
    told = await _is_told(database, f"telegram_webhook:{bot.id}", wanted)
    if told and info.url == address:
        return
    await bot.set_webhook(
        address,
        secret_token=secret,
        allowed_updates=list(ALLOWED),
        max_connections=AT_ONCE,
        drop_pending_updates=False,
    )
    await _note(database, f"telegram_webhook:{bot.id}", wanted)


async def _is_told(database: Database, key: str, wanted: Mapping[str, Any]) -> bool:
    async with database.work() as work:
        told = await shared_values.read(work, key)
    return told is not None and told["hash"] == _hash(wanted)


async def _note(database: Database, key: str, wanted: Mapping[str, Any]) -> None:
    async with database.work() as work:
        await shared_values.write(work, key, {"hash": _hash(wanted)}, work.now + AGAIN_AFTER)
        await work.commit()


def _hash(wanted: Mapping[str, Any]) -> str:
    """Compared only: a secret is not to be read from the database."""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
