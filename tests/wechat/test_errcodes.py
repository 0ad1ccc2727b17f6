"""Every errcode of WeChat's table at every call: one call, at most one more with a new token, no storm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from starlette.responses import JSONResponse

from backend.conversations.standing import Standing
from backend.conversations.views import Sender
from bot.stored_files import StoredFile
from bot.wechat import apis, console
from bot.wechat.channel import WeChatChannel
from bot.wechat.client import WeChatClient
from bot.wechat.console import Console
from bot.wechat.errors import ALERTING, TOKEN_REFUSED, TokenError, WeChatError
from bot.wechat.notice_book import NoticeBook, Prospects
from bot.wechat.notice_forms import read
from bot.wechat.notices import Notices
from bot.wechat.service import ServiceMessages
from handlers.messages import Outcome, Rendered, Sent, TryLater, Undeliverable
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID
from tests.wechat.emulator import Emulator
from tests.wechat.memory import GenerousLedger, MemoryStops
from tests.wechat.test_tokens import MemoryStore

RESIDENT = Sender("wechat", "oResident")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
TEMPLATE, NOTICE = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5W"

BUSY = (-1, 45011)
NEXT_WAY = (45015, 45047, 43004, 43019, 48002, 50005, 43101, 45009, 48001)
MISTAKES = (40003, 40037, 45002, 47003, 40164, 40013, 40125)
TABLE = (*BUSY, *sorted(TOKEN_REFUSED), *NEXT_WAY, *MISTAKES)
REST = {45009: timedelta(hours=24), 48001: timedelta(days=1)}
"""Codes after which a call is left alone, and for how long at most."""


@dataclass
class Wire:
    """A client and what it spoke to."""

    client: WeChatClient
    emulator: Emulator
    stops: MemoryStops
    clock: SimulatedClock


@pytest.fixture
def wire(clock: SimulatedClock) -> Wire:
    emulator = Emulator(APP_ID, "app-secret", clock=clock)
    emulator.user_did(RESIDENT.user_id)
    emulator.messages.templates = {TEMPLATE: ("thing1",), NOTICE: ("thing1",)}
    emulator.messages.consents[RESIDENT.user_id, NOTICE] = 9
    emulator.console.menu = {"button": []}
    stops = MemoryStops(clock)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(emulator.app), base_url="http://wechat/")
    client = WeChatClient(http, APP_ID, "app-secret", MemoryStore(), stops, clock)
    return Wire(client, emulator, stops, clock)


CALLS: dict[str, Callable[[Wire], Awaitable[object]]] = {
    apis.SERVICE: lambda wire: wire.client.send_text(RESIDENT.user_id, "您好"),
    apis.MENUS: lambda wire: wire.client.send_menu(RESIDENT.user_id, "对吗？", [("101", "1 对")]),
    apis.TYPING: lambda wire: wire.client.show_typing(RESIDENT.user_id),
    apis.TEMPLATE: lambda wire: wire.client.send_template(
        RESIDENT.user_id, TEMPLATE, {"thing1": "x"}, "", "1"
    ),
    apis.NOTICE: lambda wire: wire.client.send_notice(RESIDENT.user_id, NOTICE, {"thing1": "x"}, ""),
    apis.UPLOAD: lambda wire: wire.client.upload_image(PNG, "x.png", "image/png"),
    apis.DOWNLOAD: lambda wire: wire.client.download(wire.emulator.give_media(PNG), 1000),
    console.MENU: lambda wire: Console(wire.client).put_menu(
        {"button": [{"name": "查进度", "type": "click", "key": "progress"}]}
    ),
    console.CURRENT_MENU: lambda wire: Console(wire.client).menu(),
    console.CODE: lambda wire: Console(wire.client).code("fengqiao"),
    console.QUOTA: lambda wire: Console(wire.client).calls_a_day(apis.SERVICE),
    console.REACH: lambda wire: Console(wire.client).reach(),
    console.TEMPLATES: lambda wire: Console(wire.client).templates(),
    console.NOTICES: lambda wire: Console(wire.client).notices(),
}


def made(wire: Wire, path: str) -> int:
    return wire.emulator.calls.count(path)


async def refusal(wire: Wire, name: str) -> WeChatError:
    with pytest.raises(WeChatError) as raised:
        await CALLS[name](wire)
    return raised.value


def test_every_call_of_the_client_is_here() -> None:
    paths = {value for name, value in vars(apis).items() if name.isupper()}
    tokens = {apis.STABLE_TOKEN, apis.FORCED_TOKEN, apis.EVERY_CALL}
    paths |= {value for value in vars(console).values() if isinstance(value, str) and value.count("/") > 0}
    assert {path for path in paths if path.startswith(("cgi-bin/", "wxaapi/"))} - tokens == set(CALLS)


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("name", CALLS)
async def test_every_code_at_every_call(wire: Wire, name: str, code: int) -> None:
    path = name.partition("#")[0]
    wire.emulator.fail(path, code)
    if code in TOKEN_REFUSED:
        await CALLS[name](wire)
        assert made(wire, path) == 2, "once more with another token"
        assert made(wire, apis.STABLE_TOKEN) <= 3
        assert wire.stops.told == []
        return
    assert (await refusal(wire, name)).code == code
    assert (made(wire, path), made(wire, apis.STABLE_TOKEN)) == (1, 1)
    assert wire.emulator.sent == []
    assert {told for _, told in wire.stops.told} == {code}
    if code not in REST:
        await CALLS[name](wire)
        assert made(wire, path) == 2, "what is about this call stops no other"
        return
    assert (await refusal(wire, name)).code == code
    assert made(wire, path) == 1, "it rests"
    wire.clock.advance(seconds=REST[code].total_seconds())
    wire.emulator.user_did(RESIDENT.user_id)
    await CALLS[name](wire)
    assert made(wire, path) == 2


@pytest.mark.parametrize("code", sorted(TOKEN_REFUSED))
@pytest.mark.parametrize("name", CALLS)
async def test_a_new_token_that_is_refused_too_ends_every_call_for_a_minute(
    wire: Wire, name: str, code: int
) -> None:
    path = name.partition("#")[0]
    wire.emulator.fail(path, code, times=2)
    assert isinstance(await refusal(wire, name), TokenError)
    before = len(wire.emulator.calls)
    for other in CALLS:
        assert (await refusal(wire, other)).code == code
    assert len(wire.emulator.calls) == before
    assert wire.stops.told == [(apis.EVERY_CALL, code)]
    wire.clock.advance(minutes=1)
    wire.emulator.user_did(RESIDENT.user_id)
    await CALLS[name](wire)


@pytest.mark.parametrize("code", [code for code in TABLE if code not in TOKEN_REFUSED])
@pytest.mark.parametrize("forced", [False, True])
async def test_every_code_at_the_token(wire: Wire, code: int, forced: bool) -> None:
    if forced:
        await CALLS[apis.SERVICE](wire)
        wire.emulator.fail(apis.SERVICE, 40001)
        # The same token comes back and a new one is forced, which is refused.
        same = {"access_token": wire.emulator._current, "expires_in": 7200}
        wire.emulator.fail(apis.STABLE_TOKEN, JSONResponse(same))
    wire.emulator.fail(apis.STABLE_TOKEN, code)
    before = made(wire, apis.STABLE_TOKEN)
    refused = await refusal(wire, apis.SERVICE)
    assert isinstance(refused, TokenError), "it says nothing about the message"
    assert refused.code == code
    assert made(wire, apis.STABLE_TOKEN) - before == 1 + forced
    assert [api for api, _ in wire.stops.told] == [apis.FORCED_TOKEN if forced else apis.STABLE_TOKEN]


@pytest.mark.parametrize("code", MISTAKES)
async def test_without_a_token_wechat_is_asked_once_a_minute(wire: Wire, code: int) -> None:
    wire.emulator.fail(apis.STABLE_TOKEN, code, times=100)
    for _ in range(10):
        for name in CALLS:
            await refusal(wire, name)
        wire.clock.advance(seconds=20)
    assert len(wire.emulator.calls) == 4, "at 0, 60, 120 and 180 seconds"


# --- what it means for a message ---------------------------------------------------------------------


class MemoryBook(NoticeBook):
    """A template, then a notice with consent, of one resident."""

    def __init__(self) -> None:
        form = {"says": ["notice.accept"], "fields": {"thing1": "{matter}"}}
        forms = [
            form | {"by": "template", "template_id": TEMPLATE},
            form | {"by": "notice", "template_id": NOTICE},
        ]
        self.forms = read({"notices": forms})
        self.consents = 9
        self.closed: dict[str, str] = {}
        self.gone = False

    async def open(self, sender: Sender, outgoing_id: int) -> Prospects | None:
        now = SimulatedClock()()
        standing = Standing(1, 1, 1, now, None, None, 0, 0, self.closed, self.gone)
        return Prospects(self.forms, standing, {NOTICE: self.consents}, frozenset(), now)

    async def take(self, resident_id: int, template_id: str) -> bool:
        self.consents -= 1
        return True

    async def give_back(self, resident_id: int, template_id: str) -> None:
        self.consents += 1

    async def refused(self, resident_id: int, template_id: str) -> None:
        self.consents = 0

    async def close(self, standing: Standing, way: str, why: str, *, left: bool) -> None:
        self.closed[way], self.gone = why, left


async def no_file(attachment_id: int) -> StoredFile:
    raise LookupError("missing")


MESSAGE = Rendered(1, "已受理", parts=(("notice.accept", {"matter": "物业问题"}),))
WAYS = {apis.SERVICE: "custom", apis.TEMPLATE: "template", apis.NOTICE: "notice"}


def channel_of(wire: Wire, ledger: GenerousLedger, book: MemoryBook) -> WeChatChannel:
    ways = (
        ServiceMessages(wire.client, ledger, no_file),
        Notices(wire.client, book, lambda opens, message, resident: "", "枫桥"),
    )
    return WeChatChannel(wire.client, ways, 1000)


async def sent_with(wire: Wire, failing: str, code: int) -> tuple[Outcome, MemoryBook]:
    """The outcome of a message whose ways before `failing` are shut and which is refused there."""
    ledger, book = GenerousLedger(), MemoryBook()
    if failing != apis.SERVICE:
        ledger.closed = "window_closed"
    if failing == apis.NOTICE:
        book.closed["template"] = "user_block"
    wire.emulator.fail(failing, code)
    return await channel_of(wire, ledger, book).send(RESIDENT, MESSAGE), book


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("failing", WAYS)
async def test_what_each_code_means_for_a_message(wire: Wire, failing: str, code: int) -> None:
    outcome, book = await sent_with(wire, failing, code)
    kinds = [sent.kind for sent in wire.emulator.sent]
    way = WAYS[failing]
    if code in TOKEN_REFUSED:
        assert isinstance(outcome, Sent) and outcome.way == way, "once more, with another token"
    elif code in BUSY:
        assert isinstance(outcome, TryLater) and kinds == []
        assert book.consents == 9, "a consent that was not used stays"
    elif failing == apis.NOTICE or (failing == apis.SERVICE and code in MISTAKES):
        assert isinstance(outcome, Undeliverable) and kinds == []
        assert outcome.at_next_contact is (failing == apis.NOTICE and code not in (43004, 50005))
        assert book.consents == (0 if failing == apis.NOTICE and code == 43101 else 9)
    else:
        assert isinstance(outcome, Sent)
        assert kinds == ["template" if failing == apis.SERVICE else "notice"]
        assert any(over.startswith(f"{way}:{code}_") for over in outcome.passed_over)
    alerted = {told for _, told in wire.stops.told if told in ALERTING}
    assert alerted == ({code} & ALERTING)
