"""What Telegram is told at the start: once, by one process, and again when somebody changed it there."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.app import create_app
from bot.telegram import registration
from bot.telegram.setup import tell_commands, tell_webhook, webhook_address
from bot.telegram.updates import ALLOWED
from bot.telegram.webhook import HEADER
from tests.fixtures.settings import MakeSettings
from tests.telegram.emulator import Emulator
from tests.telegram.installed import Installed
from tests.telegram.limits import Error

ADDRESS = "https://chat.example.test/telegram"


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://chat.example.test", ADDRESS),
        ("https://chat.example.test/", ADDRESS),
        ("https://chat.example.test:8443", "https://chat.example.test:8443/telegram"),
        ("https://chat.example.test:9443", ""),
        ("http://chat.example.test", ""),
        ("https://127.0.0.1", ""),
        ("https://localhost", ""),
        ("http://127.0.0.1:8000", ""),
    ],
)
def test_where_telegram_can_deliver(telegram_settings: MakeSettings, public_url: str, address: str) -> None:
    assert webhook_address(telegram_settings(public_url=public_url)) == address


async def test_the_webhook_is_told_once(bot: Installed) -> None:
    api, database = bot.channel.bot, bot.parts.database
    bot.emulator.pending.append({"update_id": 1})
    for _ in range(3):
        await tell_webhook(api, database, ADDRESS, "secret")
    assert len(bot.emulator.called("setWebhook")) == 1
    assert bot.emulator.webhook.url == ADDRESS
    assert bot.emulator.webhook.secret == "secret"
    assert bot.emulator.webhook.allowed == ALLOWED
    assert len(bot.emulator.pending) == 1, "what waits is kept"
    await tell_webhook(api, database, ADDRESS, "another secret")
    assert bot.emulator.webhook.secret == "another secret"
    bot.emulator.webhook.url = "https://somebody.else.example"
    await tell_webhook(api, database, ADDRESS, "another secret")
    assert bot.emulator.webhook.url == ADDRESS
    bot.clock.advance(days=1, seconds=1)
    await tell_webhook(api, database, ADDRESS, "another secret")
    assert len(bot.emulator.called("setWebhook")) == 4


async def test_failed_deliveries_are_told_to_operators(
    bot: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    bot.emulator.webhook.error_at = int(bot.clock.timestamp()) - 60
    await tell_webhook(bot.channel.bot, bot.parts.database, ADDRESS, "secret")
    assert "Telegram could not deliver some updates" in caplog.text
    caplog.clear()
    bot.emulator.webhook.error_at = int(bot.clock.timestamp()) - 3600
    await tell_webhook(bot.channel.bot, bot.parts.database, ADDRESS, "secret")
    assert "could not deliver" not in caplog.text


async def test_the_menu_is_told_once_and_in_every_language_that_has_it(bot: Installed) -> None:
    for _ in range(3):
        await tell_commands(bot.channel.bot, bot.parts.database)
    assert len(bot.emulator.called("setMyCommands")) == 2
    assert {"command": "progress", "description": "查办理进度"} in bot.emulator.commands
    assert set(bot.emulator.commands_in) == {"en"}
    english = {"command": "progress", "description": "See how my case stands"}
    assert english in bot.emulator.commands_in["en"]


async def test_the_listener_tells_telegram_and_takes_its_updates(
    telegram_settings: MakeSettings, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(telegram_settings())
    async with app.router.lifespan_context(app):
        while not emulator.webhook.url or not emulator.commands:
            await asyncio.sleep(0.02)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http:
            update = emulator.update(poll_answer=None)
            headers = {HEADER: emulator.webhook.secret}
            assert (await http.post("/telegram", json=update, headers=headers)).status_code == 200
    assert emulator.webhook.url == ADDRESS, (
        "a listener that stops leaves it: others go on, or it starts again"
    )


async def test_a_listener_without_a_public_address_asks(
    telegram_settings: MakeSettings, emulator: Emulator
) -> None:
    app = create_app(telegram_settings(public_url="http://127.0.0.1:8000"))
    async with app.router.lifespan_context(app):
        emulator.pending.append(emulator.update(my_chat_member=None))
        while emulator.pending:
            await asyncio.sleep(0.02)


async def test_telegram_away_at_the_start_keeps_nothing_from_starting(
    telegram_settings: MakeSettings,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(registration, "LOOK_AGAIN", timedelta(seconds=0.05))
    caplog.set_level(logging.WARNING)
    emulator.fail("getWebhookInfo", Error(500, "Internal Server Error"), Error(401, "Unauthorized"))
    app = create_app(telegram_settings())
    async with app.router.lifespan_context(app):
        while not emulator.webhook.url:
            await asyncio.sleep(0.02)
    assert caplog.text.count("webhook not seen to") == 2


async def test_what_fails_beside_the_routes_is_started_again(
    telegram_settings: MakeSettings, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.AGAIN_SECONDS", 0.01)
    tries: list[int] = []

    async def fails(listening: object, channel: object) -> None:
        tries.append(1)
        raise RuntimeError("a mistake of ours")

    broken = replace(registration.REGISTRATION, beside=fails)
    monkeypatch.setattr("bot.app.CHANNELS", (broken,))
    app = create_app(telegram_settings())
    async with app.router.lifespan_context(app):
        while len(tries) < 3:
            await asyncio.sleep(0.01)
