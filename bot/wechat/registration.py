"""The official account in the registry of channels: on when WECHAT_TOKEN is set."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter

from backend.attachments.limits import limits_of
from backend.attachments.store import FileStore
from backend.db.database import Clock, utc_now
from backend.secret_key import secret_key
from backend.settings import Settings, SettingsError
from bot.channel import LOOPBACK, Listening, Registration, Surroundings
from bot.pages.links import Links, ProgressLink, SurveyLink
from bot.stored_files import opener
from bot.wechat.callback import Callback
from bot.wechat.channel import WeChatChannel
from bot.wechat.client import TIMEOUT, WeChatClient
from bot.wechat.crypto import KeyUnusable, SafeKey
from bot.wechat.gate import Gate
from bot.wechat.learn import learn
from bot.wechat.ledger import SqlLedger
from bot.wechat.notice_book import NoticeBook
from bot.wechat.notices import Link, Notices
from bot.wechat.parsing import CHANNEL
from bot.wechat.routes import closed_router, router
from bot.wechat.service import ServiceMessages
from bot.wechat.stops import SqlStops
from bot.wechat.token_store import token_store
from handlers.announcing import Announcing
from handlers.incoming import claim, handle
from handlers.messages import Rendered
from handlers.stash import keep, settle


def build_channel(surroundings: Surroundings, *, clock: Clock = utc_now) -> WeChatChannel:
    """The channel that sends and downloads; without an AppSecret it only answers."""
    settings, database = surroundings.settings, surroundings.database
    if settings.wechat_app_secret is None or not _writes_first(settings):
        return WeChatChannel(None, (), limits_of(settings).largest)
    base = settings.wechat_api_base.rstrip("/") + "/"
    client = WeChatClient(
        httpx.AsyncClient(base_url=base, timeout=TIMEOUT),
        settings.wechat_app_id,
        settings.wechat_app_secret.get_secret_value(),
        token_store(settings.wechat_app_id, database, surroundings.redis),
        SqlStops(database, settings.wechat_app_id),
        clock,
    )
    files = FileStore(settings.data_dir / "attachments")
    ways = (
        ServiceMessages(client, SqlLedger(database), opener(database, files)),
        Notices(client, NoticeBook(database), _linker(settings), settings.centre_name),
    )
    return WeChatChannel(client, ways, limits_of(settings).largest)


def build_router(listening: Listening, channel: WeChatChannel) -> APIRouter:
    """The callback's routes; raises SettingsError when a key cannot be used."""
    parts = listening.parts
    announcing = Announcing(channel, partial(handle, parts))
    callback = Callback(
        build_gate(listening.settings),
        announcing,
        lambda handled: claim(parts, handled, channel.capabilities),
        partial(keep, parts),
        partial(settle, parts),
        partial(learn, parts),
        files=channel.capabilities.files,
        clock=parts.database.clock,
    )
    channel.finish_first(callback.finish)
    channel.finish_first(announcing.finish)
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


def _writes_first(settings: Settings) -> bool:
    """Whether more than replies in words is possible."""
    return settings.wechat_app_secret is not None and bool(settings.wechat_app_id)


def _linker(settings: Settings) -> Link:
    """Addresses of the residents' pages; none while PUBLIC_URL is one that a phone cannot open."""
    links = Links(secret_key(settings), settings.public_url)
    local = urlsplit(settings.public_url).hostname in LOOPBACK

    def link(opens: str, message: Rendered, resident_id: int) -> str:
        if local or message.case_id is None:
            return ""
        if opens == "survey" and message.round is not None:
            return links.survey(SurveyLink(message.case_id, resident_id, message.round))
        return links.progress(ProgressLink(message.case_id, resident_id))

    return link


REGISTRATION = Registration[WeChatChannel](
    name=CHANNEL,
    enabled=lambda settings: settings.wechat_token is not None,
    channel=build_channel,
    router=build_router,
    check=build_gate,
    closed=closed_router,
    close=WeChatChannel.aclose,
    pictures=_writes_first,
)
