"""The web chat in the registry of channels: always on."""

from __future__ import annotations

from bot.channel import Registration
from bot.webchat.channel import NAME, WebChannel
from bot.webchat.routes import router

REGISTRATION = Registration[WebChannel](
    name=NAME,
    enabled=lambda settings: True,
    channel=lambda surroundings: WebChannel(),
    router=router,
)
