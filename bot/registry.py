"""The channels of the software: adding one is one package and one line here."""

from __future__ import annotations

from typing import Any

from backend.settings import Settings
from bot.channel import Registration
from bot.telegram import unloaded as telegram
from bot.webchat import registration as web
from bot.webhook import registration as webhook
from bot.wechat import registration as wechat

CHANNELS: tuple[Registration[Any], ...] = (
    web.REGISTRATION,
    wechat.REGISTRATION,
    telegram.REGISTRATION,
    webhook.REGISTRATION,
)


def check_channels(settings: Settings) -> None:
    """Raise SettingsError, with the name of the setting, when a channel that is on cannot work."""
    for registration in CHANNELS:
        if registration.check is not None and registration.enabled(settings):
            registration.check(settings)
