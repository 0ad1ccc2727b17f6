"""Where the access token lies: in Redis when there is one, else in PostgreSQL."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.db import shared_values
from backend.db.database import Database, DatabaseUnavailable
from bot.wechat.errors import NotReached
from bot.wechat.tokens import Renew, Token, TokenStore

logger = logging.getLogger(__name__)

LIFE_SECONDS = 7200
"""No token lives longer (WeChat, stable_token); its own times say when it ends."""

RENEWAL_SECONDS = 20
"""Longer than one renewal can take; a process that died while renewing holds the others up for so long."""


class SqlTokenStore:
    """The token as a row, renewed under an advisory lock."""

    def __init__(self, database: Database, key: str) -> None:
        """`key` names the account."""
        self._database = database
        self._key = key

    async def read(self) -> Token | None:
        """The stored token, None when there is none; raises NotReached without the database."""
        try:
            async with self._database.work() as work:
                return _token(await shared_values.read(work, self._key))
        except DatabaseUnavailable:
            raise NotReached("no_token_store") from None

    async def update(self, renew: Renew) -> Token:
        """Store what `renew` makes of the stored token, while no other process does the same."""
        try:
            async with self._database.work() as work:
                await shared_values.alone(work, self._key)
                stored = _token(await shared_values.read(work, self._key))
                token = await renew(stored)
                if token != stored:
                    await shared_values.write(work, self._key, _fields(token), token.expires_at)
                await work.commit()
        except DatabaseUnavailable:
            raise NotReached("no_token_store") from None
        return token


class RedisTokenStore:
    """The token as a Redis key; with Redis away every process asks WeChat, which gives all the same one."""

    def __init__(self, redis: Redis, key: str) -> None:
        """`key` names the account."""
        self._redis = redis
        self._key = key
        self._last: Token | None = None
        """The one that this process saw last, for the time without Redis."""

    async def read(self) -> Token | None:
        """The stored token; None when there is none, or no Redis."""
        try:
            found = _read_json(await self._redis.get(self._key))
        except (RedisError, OSError):
            return None
        return self._remembered(found) if found is not None else None

    async def update(self, renew: Renew) -> Token:
        """Store what `renew` makes of the stored token, while no other process does the same."""
        lock = self._redis.lock(f"{self._key}:renewal", timeout=RENEWAL_SECONDS)
        try:
            locked = await lock.acquire(blocking_timeout=RENEWAL_SECONDS)
        except (RedisError, OSError):
            logger.warning("token renewed without Redis")
            return self._remembered(await renew(self._last))
        try:
            stored = await self.read()
            token = self._remembered(await renew(stored or self._last))
            if token != stored:
                await self._write(token)
        finally:
            if locked:
                await self._release(lock)
        return token

    def _remembered(self, token: Token) -> Token:
        """A token with the last time that one was forced: what Redis lost would be forced again."""
        known = [one.forced_at for one in (self._last, token) if one is not None and one.forced_at]
        self._last = replace(token, forced_at=max(known, default=None))
        return self._last

    async def _write(self, token: Token) -> None:
        try:
            value = json.dumps(_fields(token))
            await self._redis.set(self._key, value, ex=LIFE_SECONDS)
        except (RedisError, OSError):
            logger.warning("token not shared: Redis is away")

    async def _release(self, lock: Any) -> None:
        try:
            await lock.release()
        except (RedisError, OSError):
            logger.warning("renewal lock left to run out")


def token_store(app_id: str, database: Database, redis: Redis | None) -> TokenStore:
    """Where the processes of this installation share the account's access token."""
    key = f"wechat_token:{app_id}"
    return SqlTokenStore(database, key) if redis is None else RedisTokenStore(redis, key)


def _fields(token: Token) -> dict[str, Any]:
    return {
        "value": token.value,
        "renew_at": token.renew_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "forced_at": token.forced_at.isoformat() if token.forced_at else None,
    }


def _token(fields: Mapping[str, Any] | None) -> Token | None:
    if fields is None:
        return None
    forced_at = fields["forced_at"]
    return Token(
        fields["value"],
        datetime.fromisoformat(fields["renew_at"]),
        datetime.fromisoformat(fields["expires_at"]),
        datetime.fromisoformat(forced_at) if forced_at else None,
    )


def _read_json(found: bytes | str | None) -> Token | None:
    try:
        return _token(json.loads(found)) if found else None
    except (ValueError, KeyError, TypeError):
        return None
