"""`make wechat-check`: what is wrong with an official account, in plain words and without a secret."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

import httpx

from backend.db.database import Database, DatabaseUnavailable, utc_now
from backend.db.embedded import EmbeddedError, EmbeddedPostgres
from backend.settings import Settings, SettingsError, load_settings
from bot.wechat.check_account import (
    Dates,
    check_menu,
    check_notices,
    check_reach,
    check_rights,
    check_stops,
    check_token,
)
from bot.wechat.check_callback import check_callback
from bot.wechat.check_settings import check_settings
from bot.wechat.client import TIMEOUT
from bot.wechat.console import Console
from bot.wechat.findings import Finding, Language, summary
from bot.wechat.operate import client_of
from bot.wechat.stops import SqlStops


async def check(settings: Settings, url: str, *, clock: Callable[[], datetime] = utc_now) -> list[Finding]:
    """Everything that was looked at, in the order in which an operator mends it."""
    found = check_settings(settings)
    if settings.wechat_token is not None:
        async with httpx.AsyncClient(timeout=TIMEOUT) as http:
            found += await check_callback(settings, http, clock())
    if settings.wechat_app_secret is None or not settings.wechat_app_id:
        return found
    database = Database(url)
    try:
        if not await database.ping():
            raise DatabaseUnavailable
        return found + await _account(settings, database, clock)
    except DatabaseUnavailable:
        return [*found, Finding("wrong", "database.away")]
    finally:
        await database.close()


async def _account(settings: Settings, database: Database, clock: Callable[[], datetime]) -> list[Finding]:
    dates = Dates(clock)
    base = settings.wechat_api_base.rstrip("/") + "/"
    http = httpx.AsyncClient(base_url=base, timeout=TIMEOUT, event_hooks={"response": [dates.note]})
    client = client_of(settings, database, http)
    console, stops = Console(client), SqlStops(database, settings.wechat_app_id)
    try:
        token = await check_token(client, base)
        if token.level != "good":
            return [token, *dates.finding()]
        return [
            token,
            await check_reach(console),
            *dates.finding(),
            *await check_rights(console),
            *await check_notices(database, console),
            await check_menu(database, console),
            *await check_stops(stops),
        ]
    finally:
        await client.aclose()


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; 1 when something is wrong."""
    given = sys.argv[1:] if arguments is None else arguments
    language: Language = "en" if "--english" in given else "zh"
    try:
        settings = load_settings()
        with ExitStack() as stack:
            url = settings.database_url or stack.enter_context(EmbeddedPostgres(settings.data_dir.absolute()))
            found = asyncio.run(check(settings, url))
    except (SettingsError, EmbeddedError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    for finding in [*found, summary(found)]:
        print(finding.told(language))  # noqa: T201
    return int(any(finding.level == "wrong" for finding in found))


if __name__ == "__main__":
    sys.exit(main())
