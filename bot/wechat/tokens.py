"""The access token: one for all processes, renewed early and by one of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from backend.db.database import Clock, utc_now
from bot.wechat.errors import NotReached, WeChatError

EARLY = timedelta(minutes=5)
"""From then on WeChat hands out the next token while the old one still works (stable_token)."""

FORCE_EVERY = timedelta(minutes=75)
"""WeChat grants 20 forced renewals a day and account."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and its times (aware UTC); `forced_at` is when a new one was last forced."""

    value: str
    renew_at: datetime
    expires_at: datetime
    forced_at: datetime | None = None


Renew = Callable[[Token | None], Awaitable[Token]]


class TokenStore(Protocol):
    """Where all processes find the token."""

    async def read(self) -> Token | None:
        """The stored token; None when there is none."""

    async def update(self, renew: Renew) -> Token:
        """Store what `renew` makes of the stored token, while no other process does the same."""


Fetch = Callable[[bool], Awaitable[tuple[str, int]]]
"""Asks WeChat for a token (True: a new one, the old one dies) → the token and its seconds to live."""


class Tokens:
    """The token as the calls need it."""

    def __init__(self, store: TokenStore, fetch: Fetch, clock: Clock = utc_now) -> None:
        """`fetch` may raise WeChatError or NotReached."""
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> str:
        """A token that works by its times; raises WeChatError or NotReached."""
        async with self._lock:
            known = self._token
            if known is None or not self._is_fresh(known):
                try:
                    known = self._token = await self._newer()
                except (WeChatError, NotReached):
                    if known is None or self._clock() >= known.expires_at:
                        raise
            return known.value

    async def replace(self, refused: str) -> str:
        """Another token in place of one that WeChat did not take; raises WeChatError or NotReached."""
        async with self._lock:
            if self._token is None or self._token.value == refused:
                self._token = await self._store.update(lambda stored: self._replaced(refused, stored))
            return self._token.value

    async def _newer(self) -> Token:
        stored = await self._store.read()
        if stored is not None and self._is_fresh(stored):
            return stored
        return await self._store.update(self._renewed)

    async def _renewed(self, stored: Token | None) -> Token:
        if stored is not None and self._is_fresh(stored):
            return stored
        return await self._granted(stored, force=False)

    async def _replaced(self, refused: str, stored: Token | None) -> Token:
        if stored is not None and stored.value != refused and self._is_fresh(stored):
            return stored
        token = await self._granted(stored, force=False)
        forced_at = stored.forced_at if stored else None
        if token.value == refused and (forced_at is None or self._clock() - forced_at >= FORCE_EVERY):
            return await self._granted(stored, force=True)
        return token

    async def _granted(self, stored: Token | None, *, force: bool) -> Token:
        value, seconds = await self._fetch(force)
        now = self._clock()
        life = timedelta(seconds=seconds)
        # A token near its end comes back unchanged: look again soon, not at every call.
        renew_after = max(life - EARLY, min(life / 2, timedelta(minutes=1)))
        forced_at = now if force else (stored.forced_at if stored else None)
        return Token(value, now + renew_after, now + life, forced_at)

    def _is_fresh(self, token: Token) -> bool:
        return self._clock() < token.renew_at
