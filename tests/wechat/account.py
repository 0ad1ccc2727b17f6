"""An official account of the whole software: real database, real jobs, WeChat's server emulated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import httpx
from fastapi import FastAPI
from psycopg import AsyncConnection

from backend.settings import Settings
from bot.compose import composed
from bot.wechat.callback import ANSWER_WITHIN, KEEP_WITHIN, Callback, Handle
from bot.wechat.learn import learn
from bot.wechat.registration import build_gate
from bot.wechat.routes import router
from handlers.announcing import Announcing
from handlers.incoming import Handled, claim, handle
from handlers.messages import IncomingMessage
from handlers.parts import Parts
from handlers.stash import keep, settle
from tests.fixtures.jobs import run_due
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

Around = Callable[[Handle], Handle]
Awaited = Callable[[], bool]


@dataclass
class Account:
    """The account's callback with what stands behind it."""

    parts: Parts
    callback: Callback
    announcing: Announcing
    settings: Settings
    http: httpx.AsyncClient
    emulator: Emulator
    clock: SimulatedClock

    def phone(self, *, safe: bool = False, key: str = "") -> Phone:
        """A resident of this account; `key`: another EncodingAESKey than the current one."""
        current = self.settings.wechat_aes_key.get_secret_value() if self.settings.wechat_aes_key else ""
        return Phone(
            "http://bot/wechat",
            self.settings.wechat_token.get_secret_value() if self.settings.wechat_token else "",
            self.http,
            app_id=self.settings.wechat_app_id,
            aes_key=(key or current) if safe else "",
            emulator=self.emulator,
            clock=self.clock.timestamp,
        )

    async def jobs(self, **passed: float) -> None:
        """Let time pass (timedelta's arguments), then run everything that is due until nothing is."""
        self.clock.advance(**passed)
        await run_due(self.parts)


@asynccontextmanager
async def opened_account(
    settings: Settings,
    emulator: Emulator,
    clock: SimulatedClock,
    *,
    answer_within: timedelta = ANSWER_WITHIN,
    keep_within: timedelta = KEEP_WITHIN,
    around: Around = lambda handle: handle,
) -> AsyncIterator[Account]:
    """Open the account; `around` may wrap the handler, to make it slow or break it."""
    async with composed(settings, clock=clock) as made:
        channel = made.channels["wechat"]

        async def take_in(message: IncomingMessage, awaited: Awaited | None = None) -> Handled:
            return await handle(made.parts, message, awaited)

        announcing = Announcing(channel, around(take_in))
        callback = Callback(
            build_gate(settings),
            announcing,
            lambda handled: claim(made.parts, handled, channel.capabilities),
            partial(keep, made.parts),
            partial(settle, made.parts),
            partial(learn, made.parts),
            files=channel.capabilities.files,
            clock=clock,
            answer_within=answer_within,
            keep_within=keep_within,
        )
        app = FastAPI()
        app.include_router(router(callback))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield Account(made.parts, callback, announcing, settings, http, emulator, clock)
        await callback.finish()
        await announcing.finish()


async def count(account: Account, table: str) -> int:
    async with await AsyncConnection.connect(account.parts.database.conninfo) as connection:
        row = await (await connection.execute(f"select count(*) from {table}")).fetchone()
    assert row is not None
    return int(row[0])


def slow(gate: asyncio.Event) -> Callable[[Handle], Handle]:
    def around(handle: Handle) -> Handle:
        async def wait(message: IncomingMessage, awaited: Awaited) -> Handled:
            await gate.wait()
            return await handle(message, awaited)

        return wait

    return around


def failing(times: int, error: Exception) -> Callable[[Handle], Handle]:
    def around(handle: Handle) -> Handle:
        left = times

        async def fail(message: IncomingMessage, awaited: Awaited) -> Handled:
            nonlocal left
            await asyncio.sleep(0)
            if left:
                left -= 1
                raise error
            return await handle(message, awaited)

        return fail

    return around
