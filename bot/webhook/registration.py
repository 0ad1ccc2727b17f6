"""The webhook channel in the registry of channels: on when WEBHOOK_SECRET is set."""

from __future__ import annotations

import logging
from ipaddress import ip_address

import httpx
from fastapi import APIRouter

from backend.attachments.store import FileStore
from backend.settings import Settings, SettingsError
from bot.channel import LOOPBACK, Listening, Registration, Surroundings
from bot.stored_files import opener
from bot.webhook.channel import ANSWER_SECONDS, WebhookChannel
from bot.webhook.events import NAME
from bot.webhook.routes import closed_router, router
from bot.webhook.signature import Keys, SecretUnusable

logger = logging.getLogger(__name__)


def build_channel(surroundings: Surroundings) -> WebhookChannel:
    """The channel that posts; raises SettingsError."""
    settings, database = surroundings.settings, surroundings.database
    if (host := _in_clear(settings.webhook_url)) is not None:
        logger.warning("WEBHOOK_URL is not https: what residents hear travels in clear", extra={"host": host})
    return WebhookChannel(
        httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False),
        settings.webhook_url,
        build_keys(settings),
        opener(database, FileStore(settings.data_dir / "attachments")),
        database.clock,
    )


def build_keys(settings: Settings) -> Keys:
    """The secrets of both directions; raises SettingsError naming the one that cannot be used."""
    secrets = []
    for name in ("webhook_secret", "webhook_secret_previous"):
        secret = getattr(settings, name)
        if secret is None:
            continue
        secrets.append(secret.get_secret_value())
        try:
            Keys(secrets[-1:])
        except SecretUnusable as error:
            raise SettingsError(f"unusable settings: {name.upper()}: {error}") from None
    return Keys(secrets)


def build_router(listening: Listening, channel: WebhookChannel) -> APIRouter:
    """The route that takes events."""
    settings = listening.settings
    return router(listening.parts, channel, max(settings.attachment_max_bytes, settings.video_max_bytes))


def check(settings: Settings) -> None:
    """Raise SettingsError when the channel cannot work with these settings."""
    build_keys(settings)
    try:
        usable = not settings.webhook_url or bool(httpx.URL(settings.webhook_url).host)
    except httpx.InvalidURL:
        usable = False
    if not usable:
        raise SettingsError("unusable settings: WEBHOOK_URL: looks like https://hotline.example.cn/messages")


def _in_clear(url: str) -> str | None:
    """The other machine that messages would be posted to without encryption; None when there is none."""
    if not url:
        return None
    address = httpx.URL(url)
    host = address.host
    return host if address.scheme == "http" and not _is_loopback(host) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK


REGISTRATION = Registration[WebhookChannel](
    name=NAME,
    enabled=lambda settings: settings.webhook_secret is not None,
    channel=build_channel,
    router=build_router,
    check=check,
    closed=closed_router,
    close=WebhookChannel.aclose,
)
