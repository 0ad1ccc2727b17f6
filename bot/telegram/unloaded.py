"""Telegram in the registry, loaded only when it is on: its library takes longer to load than all the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.settings import Settings
from bot.channel import Listening, Registration, Surroundings
from bot.telegram.closed import closed_router

if TYPE_CHECKING:
    from fastapi import APIRouter

    from bot.telegram.channel import TelegramChannel


def _loaded() -> Registration[TelegramChannel]:
    from bot.telegram import registration  # noqa: PLC0415

    return registration.REGISTRATION


def _check(settings: Settings) -> None:
    if (check := _loaded().check) is not None:
        check(settings)


def _channel(surroundings: Surroundings) -> TelegramChannel:
    return _loaded().channel(surroundings)


def _router(listening: Listening, channel: TelegramChannel) -> APIRouter:
    return _loaded().router(listening, channel)


async def _beside(listening: Listening, channel: TelegramChannel) -> None:
    if (beside := _loaded().beside) is not None:
        await beside(listening, channel)


async def _close(channel: TelegramChannel) -> None:
    if (close := _loaded().close) is not None:
        await close(channel)


REGISTRATION: Registration[TelegramChannel] = Registration(
    name="telegram",
    enabled=lambda settings: settings.telegram_token is not None,
    channel=_channel,
    router=_router,
    check=_check,
    closed=closed_router,
    beside=_beside,
    close=_close,
)
