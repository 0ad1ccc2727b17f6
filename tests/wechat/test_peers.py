"""Other people's implementations of the protocol: what we write they read, what they write we read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.conversations.views import Sender
from bot.wechat.crypto import SafeKey
from bot.wechat.gate import Gate, Query
from bot.wechat.parsing import parse
from bot.wechat.replies import reply_xml
from dialogs.messages import Location
from handlers.messages import IncomingMessage, Rendered
from tests.fixtures.needs import missing
from tests.wechat.account import Account
from tests.wechat.conftest import APP_ID, KEY, PAYLOADS, PREVIOUS_KEY, TOKEN, payload
from tests.wechat.phone import Phone

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
OPEN = sorted({path.stem for path in PAYLOADS.glob("*.xml")} - {"official_safe_mode"})
NASTY = [
    "已登记，编号 FQ2026-000123。",
    "1 提交\n2 修改\n3 取消",
    "]]></Content><Content><![CDATA[假的",
    "<b>&amp;</b> \"引号\" 'x'",
    "🙏👨‍👩‍👧 ñ",
    "字" * 682,
    "前\x00后\x0b中",
]


@pytest.fixture(scope="module")
def peer_url() -> Iterator[str]:
    """The other programs, in a process of their own."""
    node = shutil.which("node", path=None) or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
    if node is None or not (ROOT / "node_modules" / "wechat").is_dir():
        missing("no node, or its packages for tests are not installed (bot/setup.sh peers)")
    process = subprocess.Popen(
        [node, "--no-deprecation", str(Path(__file__).parent / "peer.js"), TOKEN, APP_ID, KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    assert port, "the peer did not start"
    yield f"http://127.0.0.1:{port}"
    process.communicate()


@pytest_asyncio.fixture
async def peer(peer_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=peer_url) as http:
        yield http


async def ask(peer: httpx.AsyncClient, what: str, **asked: str) -> Any:
    response = await peer.post(f"/{what}", json=asked)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("safe", [False, True])
async def test_the_emulated_phone_speaks_as_wechat_does(peer: httpx.AsyncClient, safe: bool) -> None:
    url = f"{peer.base_url}/wechat"
    phone = Phone(url, TOKEN, peer, app_id=APP_ID, aes_key=KEY if safe else "")
    assert (await phone.handshake("5837")).text == "5837"
    heard = await phone.say("楼上漏水 & <没人管> 🙏")
    assert heard is not None
    assert '"Content":"楼上漏水 & <没人管> 🙏"' in heard
    assert phone.openid in heard


async def test_the_peer_refuses_another_token(peer: httpx.AsyncClient) -> None:
    phone = Phone(f"{peer.base_url}/wechat", "another", peer)
    assert (await phone.handshake()).status_code == 401


@pytest.mark.parametrize("name", OPEN)
async def test_both_read_the_same_in_every_payload(peer: httpx.AsyncClient, name: str) -> None:
    fields = await ask(peer, "parse", xml=payload(name))
    received = parse(payload(name))
    assert received.account == fields["ToUserName"]
    if (message := received.message) is not None:
        assert message.sender.user_id == fields["FromUserName"]
        assert str(int(message.at.timestamp())) == fields["CreateTime"]
        if fields["MsgType"] == "text" and message.kind != "sticker":
            assert message.text == fields["Content"]
        if message.kind == "choice" and "bizmsgmenuid" in fields:
            assert f"{message.prompt_id}{message.choice_place:02}" == fields["bizmsgmenuid"]
        if message.attachments:
            assert [attachment.remote_id for attachment in message.attachments] == [fields["MediaId"]]
        if isinstance(message.location, Location):
            assert str(message.location.latitude) == fields["Location_X"]
        if message.scene:
            assert fields["EventKey"].removeprefix("qrscene_") == message.scene
    for news in received.news:
        assert news.sender.user_id == fields["FromUserName"]


@pytest.mark.parametrize("text", NASTY)
async def test_the_peer_reads_our_plain_replies(peer: httpx.AsyncClient, text: str) -> None:
    fields = await ask(peer, "parse", xml=reply(text))
    assert fields["Content"] == text.replace("\x00", "").replace("\x0b", "")
    assert (fields["ToUserName"], fields["FromUserName"]) == ("oUser", "gh_1")
    assert (fields["MsgType"], fields["CreateTime"]) == ("text", STAMP)


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("key", [KEY, PREVIOUS_KEY])
async def test_the_peer_opens_what_we_seal(peer: httpx.AsyncClient, key: str, text: str) -> None:
    envelope = SafeKey(TOKEN, key, APP_ID).encrypt(reply(text), NOW)
    opened = await ask(peer, "open", key=key, envelope=envelope)
    assert opened["signed"] is True
    assert opened["id"] == APP_ID
    assert opened["xml"] == reply(text)


@pytest.mark.parametrize("text", [text for text in NASTY if "]]>" not in text and "\x00" not in text])
@pytest.mark.parametrize("key", [KEY, PREVIOUS_KEY])
async def test_we_open_what_the_peer_seals(peer: httpx.AsyncClient, key: str, text: str) -> None:
    xml = payload("text").replace("物业费突然涨到2块8 谁同意的", text)
    query, body = await sealed(peer, xml, key=key, timestamp=STAMP)
    gate = Gate(TOKEN, [SafeKey(TOKEN, k, APP_ID) for k in (KEY, PREVIOUS_KEY)], safe_only=True)
    gate.check_url(Query.of(query), NOW)
    letter = gate.open(Query.of(query), body)
    message = parse(letter.xml).message
    assert message is not None
    assert message.text == text


async def test_a_whole_exchange_sealed_by_the_peer(account: Account, peer: httpx.AsyncClient) -> None:
    phone = account.phone()
    for key in (KEY, PREVIOUS_KEY):
        xml = phone.message("text", "<Content><![CDATA[楼上漏水三个月了，找物业没人管]]></Content>")
        query, body = await sealed(peer, xml, key=key, timestamp=str(int(account.clock.timestamp())))
        response = await account.http.post("http://bot/wechat", params=query, content=body)
        assert response.status_code == 200
        opened = await ask(peer, "open", key=key, envelope=response.text)
        assert (opened["signed"], opened["id"]) == (True, APP_ID)
        assert opened["fields"]["ToUserName"] == phone.openid
        assert opened["fields"]["Content"]
        account.clock.advance(seconds=5)


def reply(text: str) -> str:
    message = IncomingMessage(Sender("wechat", "oUser"), "1", "text", NOW, text="你好")
    return reply_xml("gh_1", message, [Rendered(1, text, created_at=NOW)])


async def sealed(
    peer: httpx.AsyncClient, xml: str, *, key: str, timestamp: str
) -> tuple[dict[str, str], bytes]:
    """A callback as `wechat-crypto` would make it: the URL's parameters and the body."""
    nonce = "1320562132"
    made = await ask(peer, "seal", key=key, xml=xml, timestamp=timestamp, nonce=nonce)
    query = {
        "encrypt_type": "aes",
        "msg_signature": made["signature"],
        "timestamp": timestamp,
        "nonce": nonce,
    }
    inside = f"<ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{made['encrypted']}]]></Encrypt>"
    return query, f"<xml>{inside}</xml>".encode()
