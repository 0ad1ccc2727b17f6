"""The Telegram bot in the registry of channels: on when TELEGRAM_TOKEN is set."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial

from aiogram import Bot
from aiogram.exceptions import AiogramError
from fastapi import APIRouter

from backend.attachments.limits import limits_of
from backend.attachments.store import FileStore
from backend.db.database import Database, DatabaseUnavailable
from backend.settings import Settings
from bot.channel import Listening, Registration, Surroundings
from bot.stored_files import opener
from bot.telegram.channel import NAME, TelegramChannel
from bot.telegram.client import LARGEST_DOWNLOAD, check_token, make_bot
from bot.telegram.closed import closed_router
from bot.telegram.intake import Intake
from bot.telegram.lease import Lease
from bot.telegram.pace import Pace
from bot.telegram.polling import HELD, Polling
from bot.telegram.progress import Progress
from bot.telegram.setup import tell_commands, tell_webhook, webhook_address
from bot.telegram.webhook import check_secret, router, secret_of
from handlers.announcing import Announcing
from handlers.incoming import handle
from handlers.returned import returned
from handlers.stash import keep

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=5)
"""How often one process sees to it that updates still come here."""

LOOK_AGAIN = timedelta(seconds=15)

POLLED = "Telegram is asked for its updates: PUBLIC_URL is no https address that it could deliver to"


def check(settings: Settings) -> None:
    """Raise SettingsError when the bot cannot work with these settings."""
    check_token(settings)
    check_secret(settings)


def build_channel(surroundings: Surroundings) -> TelegramChannel:
    """The channel that sends and downloads."""
    settings, database = surroundings.settings, surroundings.database
    bot = make_bot(settings)
    return TelegramChannel(
        bot,
        opener(database, FileStore(settings.data_dir / "attachments")),
        Pace(surroundings.redis, settings.redis_url, str(bot.id)),
        Progress(database),
        limits_of(settings).largest,
    )


def build_intake(listening: Listening, channel: TelegramChannel) -> Intake:
    """Takes updates in, delivered or asked for."""
    parts = listening.parts
    announcing = Announcing(channel, partial(handle, parts))
    channel.finish_first(announcing.finish)
    intake = Intake(
        channel.bot,
        announcing,
        partial(keep, parts),
        partial(returned, parts),
        min(limits_of(listening.settings).largest, LARGEST_DOWNLOAD),
        parts.database.clock,
    )
    channel.finish_first(intake.finish)
    return intake


def build_router(listening: Listening, channel: TelegramChannel) -> APIRouter:
    """The webhook's route, where Telegram can reach it."""
    if not webhook_address(listening.settings):
        return closed_router(POLLED)
    return router(build_intake(listening, channel), secret_of(listening.settings, listening.secret_key))


async def beside(listening: Listening, channel: TelegramChannel) -> None:
    """Ask for updates, or see to it that they are delivered; one process of all does it."""
    database, bot = listening.parts.database, channel.bot
    lease = Lease(database, f"telegram:{bot.id}", HELD)
    address = webhook_address(listening.settings)
    if not address:
        begin = partial(_begin_asking, channel.bot, database)
        await Polling(bot, build_intake(listening, channel), lease, begin).run()
        return
    secret = secret_of(listening.settings, listening.secret_key)
    while True:
        seen_to = False
        try:
            if await lease.hold():
                await tell_webhook(bot, database, address, secret)
                await tell_commands(bot, database)
                seen_to = True
        except (AiogramError, DatabaseUnavailable) as error:
            logger.warning("webhook not seen to", extra={"error": type(error).__name__})
        await asyncio.sleep((LOOK_EVERY if seen_to else LOOK_AGAIN).total_seconds())


async def _begin_asking(bot: Bot, database: Database) -> None:
    # Telegram delivers or answers questions, never both; what waits there is kept.
    await bot.delete_webhook(drop_pending_updates=False)
    try:
        await tell_commands(bot, database)
    except AiogramError as error:
        # The words of the commands work without their menu.
        logger.warning("menu of commands not told", extra={"error": type(error).__name__})


REGISTRATION = Registration[TelegramChannel](
    name=NAME,
    enabled=lambda settings: settings.telegram_token is not None,
    channel=build_channel,
    router=build_router,
    check=check,
    closed=closed_router,
    beside=beside,
    close=TelegramChannel.aclose,
)
