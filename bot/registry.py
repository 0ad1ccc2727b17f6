"""The channels of the software: adding one is one package and one line here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from backend.parts import PicturesAs
from backend.settings import Settings
from bot.channel import LOOPBACK, Registration
from bot.telegram import unloaded as telegram
from bot.webchat import registration as web
from bot.webhook import registration as webhook
from bot.wechat import registration as wechat

CHANNELS: tuple[Registration[Any], ...] = (
    wechat.REGISTRATION,
    web.REGISTRATION,
    telegram.REGISTRATION,
    webhook.REGISTRATION,
)
"""An address is looked for in their order: the busiest first."""


def opens_links(settings: Settings, channel: str) -> bool:
    """Whether residents of a channel can open our pages.

    A phone elsewhere cannot open this machine's own address; a page that came from it can.
    """
    return channel == web.REGISTRATION.name or urlsplit(settings.public_url).hostname not in LOOPBACK


def pictures_as(settings: Settings, channel: str) -> PicturesAs:
    """How an officer's picture reaches residents of a channel."""
    if any(one.name == channel and one.pictures(settings) for one in CHANNELS):
        return "shown"
    return "link" if opens_links(settings, channel) else "nothing"


def check_channels(settings: Settings) -> None:
    """Raise SettingsError, with the name of the setting, when a channel that is on cannot work."""
    for registration in CHANNELS:
        if registration.check is not None and registration.enabled(settings):
            registration.check(settings)
