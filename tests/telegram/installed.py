"""A bot of the whole software: real database, real jobs, real aiogram, Telegram's server emulated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from psycopg import AsyncConnection

from backend.live import Live
from backend.settings import Settings
from bot.channel import Listening
from bot.compose import composed
from bot.telegram.channel import TelegramChannel
from bot.telegram.registration import REGISTRATION
from bot.telegram.webhook import HEADER, secret_of
from handlers.parts import Parts
from tests.fixtures.jobs import run_due
from tests.telegram.emulator import Emulator
from tests.telegram.phone import Phone
from tests.wechat.clock import SimulatedClock

SECRET_KEY = "a key for tests and nothing else"


@dataclass
class Installed:
    """The bot with what stands behind it."""

    settings: Settings
    parts: Parts
    channel: TelegramChannel
    listening: Listening
    http: httpx.AsyncClient
    emulator: Emulator
    clock: SimulatedClock

    async def deliver(self, update: dict[str, Any]) -> int:
        """As Telegram delivers to a webhook; the status of the answer."""
        return (await self.post(update)).status_code

    async def post(self, update: Any, secret: str | None = None) -> httpx.Response:
        """One delivery, with the right secret unless another is given."""
        given = secret_of(self.settings, SECRET_KEY) if secret is None else secret
        headers = {HEADER: given, "Content-Type": "application/json"}
        body = update if isinstance(update, bytes) else httpx.Request("POST", "/", json=update).content
        return await self.http.post("/telegram", content=body, headers=headers)

    async def jobs(self, **passed: float) -> None:
        """Let time pass (timedelta's arguments), then run everything that is due until nothing is."""
        self.clock.advance(**passed)
        await run_due(self.parts)

    def phone(self) -> Phone:
        """A resident, between whose messages some seconds pass."""

        async def after() -> None:
            await self.jobs(seconds=5)

        return Phone(self.emulator, self.deliver, after, self.clock.timestamp)


@asynccontextmanager
async def installed(
    settings: Settings, emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Installed]:
    """Open the bot, without what runs beside the routes."""
    async with composed(settings, clock=clock) as made:
        channel = made.channels["telegram"]
        live = Live(made.parts.database.conninfo, made.redis)
        listening = Listening(settings, made.parts, live, made.redis, SECRET_KEY)
        app = FastAPI()
        app.include_router(REGISTRATION.router(listening, channel))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield Installed(settings, made.parts, channel, listening, http, emulator, clock)


async def count(bot: Installed, table: str) -> int:
    async with await AsyncConnection.connect(bot.parts.database.conninfo) as connection:
        row = await (await connection.execute(f"select count(*) from {table}")).fetchone()
    assert row is not None
    return int(row[0])
