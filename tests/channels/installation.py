"""The software with every channel switched on: one app, one database, a clock and a model that tests move."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from limits import RateLimitItemPerSecond
from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from sqlalchemy import text as sql

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, Given
from backend.conversations import entry, timeline, turns
from backend.conversations.timeline import Timeline
from backend.conversations.views import Opened
from backend.domain.lifecycle import Action, Role
from backend.live import Live
from backend.settings import load_settings
from bot import compose, registry
from bot.channel import Listening
from bot.jobs import register
from bot.telegram.pace import Pace
from bot.telegram.webhook import secret_of
from dialogs.texts import PRIVACY_VERSION
from handlers.follow_up import claim_due
from handlers.parts import Parts
from handlers.stash import take_up
from nlu import keywords
from tests.channels import plain, telegram, web, webhook, wechat
from tests.channels.integrator import SECRET, Integrator
from tests.channels.phone import Phone
from tests.fixtures.serving import serving
from tests.telegram.emulator import TOKEN
from tests.telegram.emulator import Emulator as Telegram
from tests.telegram.phone import Phone as TelegramUser
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator as WeChat
from tests.wechat.phone import Phone as Follower

CAN = {
    "web": web.CAN,
    "wechat": wechat.CAN,
    "telegram": telegram.CAN,
    "webhook": webhook.CAN,
    "plain": plain.CAN,
}
"""What the phones of each channel can send."""
WINDOWS = {"wechat": wechat.WINDOW}
"""How long after a resident's last message a channel's server takes messages of ours, where not for ever."""
_BUSY = """
    select pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')
    from procrastinate_jobs
    where status in ('todo', 'doing') and (scheduled_at is null or scheduled_at <= now()) limit 1
"""
"""Wakes the worker too: what waited for another job of its conversation would be found by polling alone."""
SECRET_KEY = "a key for tests and nothing else"
OFFICER = "limin"
"""The user name of the one officer, who is always there."""
ADMIN = Actor(Role.ADMIN)
_WECHAT_TOKEN = "callback-token"


class Model:
    """Understands what it was told to; else what keywords do. `before` is awaited first."""

    def __init__(self) -> None:
        self.next: Any = None
        self.before: Callable[[], Any] | None = None

    async def understand(self, text: str) -> Any:
        if self.before is not None:
            await self.before()
        return self.next or keywords.understand(text)


@dataclass
class Installation:
    """One installation and those who write to it."""

    parts: Parts
    model: Model
    clock: SimulatedClock
    phones: Mapping[str, Callable[[], Phone]]
    integrator: Integrator
    account: WeChat
    bot: Telegram
    look: AsyncConnection[Any]
    """For the queue, which a worker empties."""

    async def phone(self, channel: str, *, known: bool = True) -> Phone:
        """A new resident; `known`: who has been shown the privacy notice."""
        phone = self.phones[channel]()
        await phone.start()
        async with self.parts.database.work() as work:
            opened = await entry.lock(work, phone.sender)
            if known:
                await entry.privacy_shown(work, opened.resident_id, PRIVACY_VERSION)
            await work.commit()
        return phone

    async def worked_on(self, phone: Phone) -> None:
        """Until nothing of this resident's is kept for later, as where a machine is slow to answer."""
        kept = "select 1 from stashed_messages where channel = :channel and user_id = :user"
        sender = phone.sender
        while await self.execute(kept, channel=sender.channel, user=sender.user_id):
            await asyncio.sleep(0.02)
        await self.settled()

    async def settled(self) -> None:
        """Until the worker has nothing more to do now."""
        while (await (await self.look.execute(_BUSY)).fetchone()) is not None:
            await asyncio.sleep(0.01)

    async def jobs(self, **passed: float) -> None:
        """Let time pass (timedelta's arguments), then run everything that is due until nothing is."""
        self.clock.advance(**passed)
        while await claim_due(self.parts) + await take_up(self.parts):
            await self.settled()
        await self.settled()

    async def opened(self, phone: Phone) -> Opened:
        """The conversation as it stands."""
        async with self.parts.database.work() as work:
            found = await turns.peek(work, phone.sender)
        assert found is not None
        return found

    async def timeline(self, phone: Phone) -> Timeline:
        """Both directions, as rows."""
        opened = await self.opened(phone)
        async with self.parts.database.work() as work:
            return await timeline.read(work, opened.conversation_id)

    async def files(self, phone: Phone) -> list[Attachment]:
        """What the resident sent."""
        rows = (await self.timeline(phone)).incoming
        ids = [number for row in rows for number in row.payload.get("attachments", ())]
        async with self.parts.database.work() as work:
            found = [await attachments.find(work, number) for number in ids]
        return [file for file in found if file]

    async def cases(self, phone: Phone) -> list[CaseView]:
        """The resident's own cases, oldest first."""
        opened = await self.opened(phone)
        async with self.parts.database.work() as work:
            found = await queries.of_resident(work, opened.resident_id, self.clock.now.replace(year=2000))
        return sorted(found, key=lambda case: case.id)

    async def act(self, number: str, action: Action, **given: str) -> CaseView:
        """Staff act, and the worker does what follows."""
        async with self.parts.database.work() as work:
            rules = await self.parts.rules.current(work)
            case = await queries.find(work, number, ADMIN)
            case = await service.act(work, rules, case.id, action, ADMIN, Given(**given))
            await work.commit()
        await self.jobs()
        return case

    async def execute(self, statement: str, **values: object) -> Sequence[Any]:
        """Change or read rows behind everybody's back."""
        async with self.parts.database.work() as work:
            result = await work.session.execute(sql(statement), values)
            rows = result.all() if result.returns_rows else []
            await work.commit()
        return rows


@asynccontextmanager
async def installed(database_url: str, data_dir: Path) -> AsyncIterator[Installation]:
    """Open an installation with all channels of the registry and the plain one."""
    clock, model = SimulatedClock(), Model()
    account, bot, integrator = WeChat(clock=clock), Telegram(), Integrator()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setitem(Pace.__init__.__kwdefaults__, "per_chat", RateLimitItemPerSecond(1000))
        channels = (*registry.CHANNELS, plain.REGISTRATION)
        patch.setattr(compose, "CHANNELS", channels)
        settings = load_settings(
            _env_file=None,
            database_url=database_url,
            redis_url="",
            nlu_url="",
            data_dir=data_dir,
            secret_key=SECRET_KEY,
            public_url="https://chat.example.test",
            quiet_hours="",
            flood_limit=100_000,
            wechat_token=_WECHAT_TOKEN,
            wechat_app_id=account.app_id,
            wechat_app_secret=account.secret,
            wechat_api_base=stack.enter_context(account.serving()),
            telegram_token=TOKEN,
            telegram_api_base=stack.enter_context(bot.serving()),
            webhook_secret=SECRET,
            webhook_url=f"{stack.enter_context(serving(integrator.app))}/messages",
        )
        async with compose.composed(settings, clock=clock) as made:
            parts = dataclasses.replace(made.parts, nlu=model)
            live = Live(parts.database.conninfo, None)
            listening = Listening(settings, parts, live, None, SECRET_KEY)
            app = FastAPI()
            for registration in channels:
                app.include_router(registration.router(listening, made.channels[registration.name]))

            def http() -> httpx.AsyncClient:
                transport = httpx.ASGITransport(app, raise_app_exceptions=False)
                return httpx.AsyncClient(transport=transport, base_url="https://chat.example.test")

            shared = http()

            async def nothing() -> None:
                """What follows is run by the tests."""

            async def unused(update: Any) -> int:
                raise NotImplementedError

            phones: dict[str, Callable[[], Phone]] = {
                "web": lambda: web.WebPhone(http()),
                "wechat": lambda: wechat.WeChatPhone(
                    Follower("/wechat", _WECHAT_TOKEN, shared, emulator=account, clock=clock.timestamp),
                    account,
                ),
                "telegram": lambda: telegram.TelegramPhone(
                    TelegramUser(bot, unused, nothing, clock.timestamp),
                    shared,
                    secret_of(settings, SECRET_KEY),
                ),
                "webhook": lambda: webhook.WebhookPhone(shared, integrator, clock),
                "plain": lambda: plain.PlainPhone(shared, made.channels["plain"]),
            }
            jobs_app = App(connector=PsycopgConnector(conninfo=parts.database.conninfo))
            register(jobs_app, parts)
            async with (
                jobs_app.open_async(),
                shared,
                await AsyncConnection.connect(parts.database.conninfo, autocommit=True) as look,
            ):
                opened = Installation(parts, model, clock, phones, integrator, account, bot, look)
                await opened.execute(
                    "insert into regions (code, name, parent_id) select 'chaoyang', '朝阳社区', id"
                    " from regions where code = 'fengqiao-chengguan'"
                )
                await opened.execute(
                    "insert into staff (username, name, role, password_hash, unit_id, seen_at, created_at)"
                    " select :username, '李敏', 'officer', '', id, '2999-01-01', now() from units"
                    " where code = 'centre'",
                    username=OFFICER,
                )
                worker = asyncio.create_task(
                    jobs_app.run_worker_async(
                        concurrency=4, install_signal_handlers=False, delete_jobs="successful"
                    )
                )
                yield opened
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
