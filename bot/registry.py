"""The channels of the software: adding one is one package and one line here."""

from __future__ import annotations

from typing import Any

from bot.channel import Registration
from bot.webchat import registration as web
from bot.wechat import registration as wechat

CHANNELS: tuple[Registration[Any], ...] = (
    web.REGISTRATION,
    wechat.REGISTRATION,
)
