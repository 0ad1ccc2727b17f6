"""What the account itself says: token, clock, rights, templates, menu, and what rests after a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from backend.db.database import Database
from backend.domain.deadlines import SHANGHAI
from backend.organisation import channel_documents
from bot.wechat import apis, menu_document, notice_forms
from bot.wechat.client import WeChatClient
from bot.wechat.console import NO_QUOTA, Console
from bot.wechat.errors import (
    DAILY_QUOTA,
    NO_MENU,
    NOT_WHITELISTED,
    NotReached,
    OutcomeUnknown,
    WeChatError,
)
from bot.wechat.findings import Finding, words
from bot.wechat.operate import unknown_templates
from bot.wechat.signature import FRESH
from bot.wechat.stops import SqlStops

DRIFT = 60.0
"""Seconds from which a clock is worth a word; from five minutes on callbacks are refused."""


class Dates:
    """WeChat's own time, from the head of its answers."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` is ours."""
        self._clock = clock
        self.apart: float | None = None

    async def note(self, response: httpx.Response) -> None:
        """For httpx's event hooks."""
        if date := response.headers.get("date"):
            self.apart = abs((parsedate_to_datetime(date) - self._clock()).total_seconds())

    def finding(self) -> list[Finding]:
        """Whether the two clocks agree; nothing when WeChat did not say."""
        if self.apart is None:
            return []
        params = {"seconds": f"{self.apart:.0f}"}
        if self.apart >= FRESH.total_seconds():
            return [Finding("wrong", "clock.wrong", params)]
        if self.apart >= DRIFT:
            return [Finding("warn", "clock.drifts", params)]
        return [Finding("good", "clock.good", params)]


async def check_token(client: WeChatClient, base: str) -> Finding:
    """Whether WeChat gives an access token, and what is to be done when it does not."""
    try:
        await client.check_token()
    except WeChatError as error:
        if error.code == NOT_WHITELISTED:
            return Finding("wrong", "token.40164", {"address": error.address or "?"})
        key = f"token.{error.code}"
        known = key in words()
        return Finding("wrong", key if known else "token.refused", {"code": str(error.code)})
    except (NotReached, OutcomeUnknown) as error:
        return Finding(
            "wrong", "api.unreachable", {"host": urlsplit(base).hostname or base, "why": str(error)}
        )
    return Finding("good", "token.good")


async def check_reach(console: Console) -> Finding:
    """Whether WeChat's own servers reach ours (网络通信检测)."""
    try:
        addresses, loss = await console.reach()
    except (WeChatError, NotReached, OutcomeUnknown) as error:
        return Finding("note", "reach.unknown", {"why": _why(error)})
    params = {"addresses": ", ".join(addresses) or "-", "loss": loss or "-"}
    reached = bool(addresses) and loss != "100%"
    return Finding("good", "reach.good", params) if reached else Finding("wrong", "reach.bad", params)


async def check_rights(console: Console) -> list[Finding]:
    """What the account may send."""
    found = []
    for path, name in ((apis.SERVICE, "service"), (apis.TEMPLATE, "template")):
        try:
            calls = await console.calls_a_day(path)
        except WeChatError as error:
            if error.code in NO_QUOTA:
                found.append(Finding("warn", f"right.no_{name}"))
            else:
                found.append(Finding("note", "right.unknown", {"what": path, "why": _why(error)}))
        except (NotReached, OutcomeUnknown, KeyError, ValueError) as error:
            found.append(Finding("note", "right.unknown", {"what": path, "why": _why(error)}))
        else:
            found.append(Finding("good", f"right.{name}", {"calls": str(calls)}))
    return found


async def check_notices(database: Database, console: Console) -> list[Finding]:
    """Whether the notices that are kept here fit the account's templates."""
    async with database.work() as work:
        stored = await channel_documents.newest(work, notice_forms.DOCUMENT)
    forms = notice_forms.read(stored.document) if stored is not None else ()
    if stored is None or not forms:
        return [Finding("note", "notices.none")]
    try:
        troubles = await unknown_templates(console, forms)
    except (WeChatError, NotReached, OutcomeUnknown) as error:
        troubles = [_why(error)]
    if troubles:
        return [Finding("wrong", "notices.differ", {"trouble": trouble}) for trouble in troubles]
    params = {"version": str(stored.version), "count": str(len(forms))}
    return [Finding("good", "notices.good", params)]


async def check_menu(database: Database, console: Console) -> Finding:
    """Whether the account has the menu that is kept here."""
    async with database.work() as work:
        stored = await channel_documents.newest(work, menu_document.DOCUMENT)
    try:
        shown = await console.menu()
    except (WeChatError, NotReached, OutcomeUnknown) as error:
        return Finding("note", "right.unknown", {"what": "menu", "why": _why(error)})
    if shown is None:
        return Finding("warn", "menu.none")
    there = {entry.get("key") or entry.get("url", "") for entry in shown}
    here = menu_document.keys(stored.document) if stored is not None else frozenset()
    return Finding("good", "menu.good") if there == here else Finding("warn", "menu.differs")


async def check_stops(stops: SqlStops) -> list[Finding]:
    """What rests; all but the day's quota is asked for again from now on."""
    found = []
    standing = await stops.standing()
    for stop in standing:
        until = f"{stop.until.astimezone(SHANGHAI):%m-%d %H:%M}"
        if stop.code == DAILY_QUOTA:
            found.append(Finding("warn", "stop.quota", {"api": stop.api, "until": until}))
        elif stop.code == NO_MENU:
            found.append(Finding("warn", "right.no_menu"))
    if any(stop.code != DAILY_QUOTA for stop in standing):
        await stops.ask_again()
        found.append(Finding("note", "stop.asked_again"))
    return found


def _why(error: Exception) -> str:
    return f"errcode {error.code}" if isinstance(error, WeChatError) else str(error) or type(error).__name__
