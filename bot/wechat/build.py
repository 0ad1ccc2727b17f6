"""Put the official account together from the settings."""

from __future__ import annotations

from functools import partial

import httpx
from fastapi import APIRouter
from redis.asyncio import Redis

from backend.attachments import service as attachments
from backend.attachments.store import FileStore
from backend.db.database import Clock, Database, utc_now
from backend.settings import Settings, SettingsError
from bot.wechat.callback import Callback
from bot.wechat.channel import File, WeChatChannel
from bot.wechat.client import TIMEOUT, WeChatClient
from bot.wechat.crypto import KeyUnusable, SafeKey
from bot.wechat.gate import Gate
from bot.wechat.routes import closed_router, router
from bot.wechat.token_store import RedisTokenStore, SqlTokenStore
from bot.wechat.tokens import TokenStore
from handlers.incoming import claim, handle
from handlers.parts import Parts


def build_channel(
    settings: Settings,
    database: Database,
    files: FileStore,
    redis: Redis | None = None,
    *,
    clock: Clock = utc_now,
    transport: httpx.AsyncBaseTransport | None = None,
) -> WeChatChannel:
    """The channel that sends and downloads; without an AppSecret it only answers."""
    client = None
    if settings.wechat_app_secret is not None and settings.wechat_app_id:
        key = f"wechat_token:{settings.wechat_app_id}"
        store: TokenStore = RedisTokenStore(redis, key) if redis else SqlTokenStore(database, key)
        base = settings.wechat_api_base.rstrip("/") + "/"
        http = httpx.AsyncClient(base_url=base, timeout=TIMEOUT, transport=transport)
        secret = settings.wechat_app_secret.get_secret_value()
        client = WeChatClient(http, settings.wechat_app_id, secret, store, clock)
    return WeChatChannel(client, partial(_open_file, database, files), settings.attachment_max_bytes)


def build_router(settings: Settings, parts: Parts, *, clock: Clock = utc_now) -> APIRouter:
    """The callback's routes; raises SettingsError when a key cannot be used."""
    if settings.wechat_token is None:
        return closed_router()
    callback = Callback(
        build_gate(settings),
        partial(handle, parts),
        lambda handled: claim(parts, handled, WeChatChannel.capabilities),
        clock=clock,
    )
    return router(callback)


def build_gate(settings: Settings) -> Gate:
    """The check of everything that comes in; raises SettingsError when a key cannot be used."""
    token = settings.wechat_token.get_secret_value() if settings.wechat_token else ""
    keys = []
    for name in ("wechat_aes_key", "wechat_aes_key_previous"):
        secret = getattr(settings, name)
        if secret is None:
            continue
        if not settings.wechat_app_id:
            raise SettingsError(f"{name.upper()} needs WECHAT_APP_ID: the account's id is part of safe mode")
        try:
            keys.append(SafeKey(token, secret.get_secret_value(), settings.wechat_app_id))
        except KeyUnusable as error:
            raise SettingsError(f"unusable settings: {name.upper()}: {error}") from None
    if settings.wechat_safe_only and not keys:
        raise SettingsError("WECHAT_SAFE_ONLY needs WECHAT_AES_KEY")
    return Gate(token, keys, safe_only=settings.wechat_safe_only)


async def _open_file(database: Database, files: FileStore, attachment_id: int) -> File:
    async with database.work() as work:
        attachment = await attachments.find(work, attachment_id)
    if attachment is None or attachment.sha256 is None:
        raise LookupError("missing")
    try:
        content = await files.get(attachment.sha256)
    except FileNotFoundError:
        raise LookupError("missing") from None
    return File(content, attachment.name or "picture", attachment.mime or "")
