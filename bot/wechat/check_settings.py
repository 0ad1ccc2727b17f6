"""Whether the settings of the official account are there and look as WeChat's console shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import SecretStr

from backend.settings import Settings
from bot.channel import LOOPBACK
from bot.wechat.crypto import is_aes_key
from bot.wechat.findings import Finding

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_APP_ID = re.compile(r"wx[0-9a-f]{16}")
_SECRET = re.compile(r"[0-9a-f]{32}")
_PRIVATE = re.compile(r"(10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\.[0-9.]+")


def check_settings(settings: Settings) -> list[Finding]:
    """What is missing or malformed; one good finding when nothing is."""
    found = [*_identity(settings), *_keys(settings), *_address(settings)]
    return found or [Finding("good", "settings.good")]


def _identity(settings: Settings) -> Iterator[Finding]:
    token = _value(settings.wechat_token)
    if not token:
        yield Finding("wrong", "settings.token_missing")
    elif not _TOKEN.fullmatch(token):
        yield Finding("wrong", "settings.token_shape")
    if not settings.wechat_app_id:
        yield Finding("wrong", "settings.app_id_missing")
    elif not _APP_ID.fullmatch(settings.wechat_app_id):
        yield Finding("wrong", "settings.app_id_shape")
    secret = _value(settings.wechat_app_secret)
    if not secret:
        yield Finding("warn", "settings.secret_missing")
    elif not _SECRET.fullmatch(secret):
        yield Finding("warn", "settings.secret_shape")


def _keys(settings: Settings) -> Iterator[Finding]:
    usable = False
    for name in ("wechat_aes_key", "wechat_aes_key_previous"):
        key = _value(getattr(settings, name))
        if key and not is_aes_key(key):
            yield Finding("wrong", "settings.key_shape", {"name": name.upper(), "length": str(len(key))})
        usable = usable or is_aes_key(key)
    if settings.wechat_safe_only and not usable:
        yield Finding("wrong", "settings.safe_only")
    elif not _value(settings.wechat_aes_key):
        yield Finding("warn", "settings.key_missing")
    if usable and not settings.wechat_safe_only:
        yield Finding("wrong", "settings.plain_accepted")


def _address(settings: Settings) -> Iterator[Finding]:
    address = urlsplit(settings.public_url)
    host = address.hostname or ""
    if host in LOOPBACK or not host or _PRIVATE.fullmatch(host):
        yield Finding("wrong", "settings.public_url", {"url": settings.public_url})
    elif address.scheme != "https":
        yield Finding("warn", "settings.plain_http")


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
