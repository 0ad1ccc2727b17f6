"""Whatever arrives at the callback: refused or ignored, never an error of ours, never kept by mistake."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.wechat.callback import Callback
from bot.wechat.crypto import SafeKey
from bot.wechat.gate import Gate
from bot.wechat.news import News
from bot.wechat.routes import MAX_BODY, closed_router, router
from handlers.incoming import Handled
from handlers.messages import IncomingMessage, Rendered
from tests.wechat import cipher
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID, KEY, PAYLOADS, PREVIOUS_KEY, TOKEN, payload

EACH = 100
"""Callbacks of each kind; there are thirteen kinds."""

Request = tuple[dict[str, str], bytes]
REFUSED = {(403, "forbidden")}
IGNORED = {(200, "success")}
TOO_LARGE = {(413, "too large")}
XMLS = [path.read_text() for path in sorted(PAYLOADS.glob("*.xml")) if path.stem != "official_safe_mode"]


@dataclass
class Door:
    """The callback with a handler that only notes what got through."""

    http: httpx.AsyncClient
    kept: list[IncomingMessage] = field(default_factory=list)

    async def knock(self, request: Request) -> tuple[int, str]:
        query, body = request
        response = await self.http.post("/wechat", params=query, content=body)
        return response.status_code, response.text


@pytest_asyncio.fixture
async def door(clock: SimulatedClock) -> AsyncIterator[Door]:
    async def handle(message: IncomingMessage, _awaited: object) -> Handled:
        made.kept.append(message)
        return Handled(1, 1, duplicate=False)

    async def claim(_handled: Handled) -> tuple[Rendered, ...]:
        return (Rendered(1, "好的", created_at=clock()),)

    async def keep(message: IncomingMessage) -> None:
        made.kept.append(message)

    async def settle(_message: IncomingMessage, _handled: Handled) -> None:
        return None

    async def learn(_news: News) -> None:
        return None

    keys = [SafeKey(TOKEN, key, APP_ID) for key in (KEY, PREVIOUS_KEY)]
    app = FastAPI()
    callback = Callback(Gate(TOKEN, keys), handle, claim, keep, settle, learn, clock=clock)
    app.include_router(router(callback))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http:
        made = Door(http)
        yield made


class Forger:
    """Makes callbacks, right ones and every kind of wrong one, from one seed."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.random = random.Random(20260302)
        self.now = int(clock.timestamp())

    def xml(self) -> str:
        return self.random.choice(XMLS)

    def some_bytes(self, most: int = 2000) -> bytes:
        return self.random.randbytes(self.random.randrange(most))

    def plain(self, body: bytes, at: int | None = None, token: str = TOKEN) -> Request:
        timestamp, nonce = str(at or self.now), str(self.random.randrange(10**9))
        return {
            "signature": cipher.signature(token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": "oLVPpjqs9BhvzwPj5A-vTYAX3GLc",
        }, body

    def safe(self, encrypted: str, token: str = TOKEN) -> Request:
        query, _ = self.plain(b"")
        signature = cipher.signature(token, query["timestamp"], query["nonce"], encrypted)
        query |= {"encrypt_type": "aes", "msg_signature": signature}
        return (
            query,
            f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode(),
        )

    # --- wrong ones --------------------------------------------------------------------------------

    def unsigned(self) -> Request:
        query, body = self.plain(self.xml().encode())
        how = self.random.randrange(5)
        if how == 0:
            query, body = self.plain(body, token="another")
        elif how == 1:
            del query[self.random.choice(["signature", "timestamp", "nonce"])]
        elif how == 2:
            query["signature"] = query["signature"][:-1] + "Z"
        elif how == 3:
            query["nonce"] += "1"
        else:
            query = {name: self.random.choice(["", "签名", "'\"<>", "%00", "0" * 40]) for name in query}
        return query, body

    def stale(self) -> Request:
        away = self.random.choice([-1, 1]) * self.random.randrange(301, 10**8)
        return self.plain(self.xml().encode(), at=self.now + away)

    def oversized(self) -> Request:
        return self.plain(self.xml().encode() + b" " * self.random.randrange(MAX_BODY, 4 * MAX_BODY))

    def truncated(self) -> Request:
        body = self.xml().strip().encode()
        return self.plain(body[: self.random.randrange(len(body) - 1)])

    def noise(self) -> Request:
        return self.plain(b"\xff" + self.some_bytes())

    def not_utf8(self) -> Request:
        return self.plain(payload("text").encode("gb18030"))

    def other_xml(self) -> Request:
        return self.plain(
            self.random.choice(
                [
                    b"<xml/>",
                    b"<html><body>hi</body></html>",
                    b"<xml>" * self.random.randrange(2, 9000),
                    b"<xml><MsgType>text</MsgType></xml>",
                    b"<xml><FromUserName>o</FromUserName></xml>",
                    b'{"MsgType":"text"}',
                    "<xml><ToUserName>".encode("utf-16"),
                ]
            )
        )

    def bomb(self) -> Request:
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
        external = '<!ENTITY e11 SYSTEM "file:///etc/passwd">'
        declared = self.random.choice(
            [f'<!ENTITY e0 "ha">{entities}', external, f"<!ENTITY % p '{external}'>%p;"]
        )
        words = payload("text").replace("<![CDATA[物业费突然涨到2块8 谁同意的]]>", "&e11;")
        return self.plain(f"<?xml version='1.0'?><!DOCTYPE x [{declared}]>{words}".encode())

    def missing_field(self) -> Request:
        xml = payload("text")
        name = self.random.choice(["MsgId", "CreateTime", "Content"])
        broken = self.random.choice(["", f"<{name}></{name}>", f"<{name}><a>1</a></{name}>"])
        start, end = xml.index(f"<{name}>"), xml.index(f"</{name}>") + len(f"</{name}>")
        return self.plain((xml[:start] + broken + xml[end:]).encode())

    def wrong_key(self) -> Request:
        key = "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=42)) + "A"
        return self.safe(cipher.encrypt(self.xml(), key, APP_ID))

    def wrong_account(self) -> Request:
        return self.safe(cipher.encrypt(self.xml(), KEY, "wx" + self.random.randbytes(8).hex()))

    def broken_base64(self) -> Request:
        encrypted = cipher.encrypt(self.xml(), KEY, APP_ID)
        return self.safe(
            encrypted[: self.random.randrange(len(encrypted) - 4)] + self.random.choice(["", "=", "?!"])
        )

    def tampered(self) -> Request:
        query, body = self.safe(cipher.encrypt(self.xml(), KEY, APP_ID))
        at = self.random.randrange(body.index(b"CDATA[") + 6, len(body) - 30)
        other = b"A" if body[at : at + 1] != b"A" else b"B"
        return query, body[:at] + other + body[at + 1 :]


KINDS: dict[str, tuple[Callable[[Forger], Request], set[tuple[int, str]]]] = {
    "unsigned": (Forger.unsigned, REFUSED),
    "stale": (Forger.stale, REFUSED),
    "oversized": (Forger.oversized, TOO_LARGE),
    "truncated": (Forger.truncated, REFUSED),
    "noise": (Forger.noise, REFUSED),
    "not UTF-8": (Forger.not_utf8, REFUSED),
    "other XML": (Forger.other_xml, REFUSED),
    "entity bomb": (Forger.bomb, REFUSED),
    "missing field": (Forger.missing_field, IGNORED),
    "wrong key": (Forger.wrong_key, REFUSED),
    "wrong account": (Forger.wrong_account, REFUSED),
    "broken base64": (Forger.broken_base64, REFUSED),
    "tampered": (Forger.tampered, REFUSED),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_generated(door: Door, clock: SimulatedClock, kind: str) -> None:
    forge, expected = KINDS[kind]
    forger = Forger(clock)
    answers = Counter([await door.knock(forge(forger)) for _ in range(EACH)])
    assert set(answers) == expected, answers
    assert door.kept == []


def test_there_are_more_than_a_thousand() -> None:
    assert EACH * len(KINDS) >= 1000


async def test_right_ones_get_through(door: Door, clock: SimulatedClock) -> None:
    forger = Forger(clock)
    for xml in XMLS:
        for request in (forger.plain(xml.encode()), forger.safe(cipher.encrypt(xml, PREVIOUS_KEY, APP_ID))):
            status, _ = await door.knock(request)
            assert status == 200
    assert len(door.kept) == 2 * 16


async def test_encrypted_garbage_is_acknowledged(door: Door, clock: SimulatedClock) -> None:
    """It is WeChat's own: to refuse would only make it come again."""
    forger = Forger(clock)
    for xml in ("", "garbage", "<xml/>", "<xml><Content>1</Content></xml>"):
        assert await door.knock(forger.safe(cipher.encrypt(xml, KEY, APP_ID))) == (200, "success")
    assert door.kept == []


async def test_size_is_counted_as_the_body_arrives(door: Door, clock: SimulatedClock) -> None:
    query, _ = Forger(clock).plain(b"")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 16 * 1024
            yield b" " * (16 * 1024)

    response = await door.http.post("/wechat", params=query, content=endless())
    assert response.status_code == 413
    announced = {"Content-Length": "99999999999999999999999999"}
    assert (await door.http.post("/wechat", params=query, headers=announced)).status_code == 413


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(body=st.binary(max_size=400), encrypted=st.booleans())
async def test_any_body(door: Door, clock: SimulatedClock, body: bytes, encrypted: bool) -> None:
    forger = Forger(clock)
    query, whole = forger.safe(body.hex()) if encrypted else forger.plain(body)
    assert await door.knock((query, whole)) == (403, "forbidden")


_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]),
        _words,
    )
)
async def test_any_query(door: Door, query: dict[str, str]) -> None:
    assert await door.knock((query, payload("text").encode())) == (403, "forbidden")
    response = await door.http.get("/wechat", params=query)
    assert (response.status_code, response.text) == (403, "forbidden")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data(), safe=st.booleans())
async def test_any_change_of_a_right_one(
    door: Door, clock: SimulatedClock, data: st.DataObject, safe: bool
) -> None:
    """Bytes of an authentic message replaced anywhere: it may still be a message, it is never our error."""
    xml = bytearray(data.draw(st.sampled_from(XMLS)).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
    forger = Forger(clock)
    changed = bytes(xml)
    request = forger.safe(cipher.encrypt(changed, KEY, APP_ID)) if safe else forger.plain(changed)
    status, text = await door.knock(request)
    assert (status, text) in REFUSED | IGNORED or (status == 200 and text.startswith("<xml>"))


async def test_handshake(door: Door, clock: SimulatedClock) -> None:
    query, _ = Forger(clock).plain(b"")
    response = await door.http.get("/wechat", params=query | {"echostr": "<b>5837</b>"})
    assert (response.status_code, response.text) == (200, "<b>5837</b>")
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (await door.http.get("/wechat")).status_code == 403


async def test_without_an_account_the_door_is_closed() -> None:
    app = FastAPI()
    app.include_router(closed_router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http:
        for response in (await http.get("/wechat"), await http.post("/wechat", content=b"<xml/>")):
            assert response.status_code == 404
            assert "WECHAT_TOKEN" in response.text
