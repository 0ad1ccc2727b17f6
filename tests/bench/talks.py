"""Residents who open one case after the other, as fast as they are answered."""

from __future__ import annotations

import itertools
import json
import random
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode
from xml.etree import ElementTree

from nlu.train import ROOT
from tests.bench.load import Exchange, post
from tests.system.resident import ANSWERS, NUMBER
from tests.wechat import cipher
from tests.wechat.phone import ACCOUNT

LONGEST = 15
"""Messages after which a resident gives up."""
PLACE = "恒大名都8号楼"
_CATEGORIES = frozenset({"物业", "劳资", "家事", "邻里", "其他"})
_message_ids = itertools.count(int(time.time() * 1_000_000) * 1_000)


class Talk(Exchange, Protocol):
    """One resident after the other."""

    opened: int
    """Cases so far."""
    turns: int
    """Messages that were answered so far."""


def stories() -> Iterator[str]:
    """What residents tell, no two alike, in sentences that no model was trained on."""
    lines = (ROOT / "training_data" / "holdout" / "categories.jsonl").read_text("utf-8").splitlines()
    told = [entry["text"] for entry in map(json.loads, lines) if entry["label"] in _CATEGORIES]
    random.Random(0).shuffle(told)
    for number, story in enumerate(itertools.cycle(told)):
        yield f"{story}，我家是{number}号"


@dataclass
class WeChatTalk:
    """A resident in WeChat; `aes_key`: safe mode."""

    url: str
    token: str
    told: Iterator[str]
    app_id: str = ""
    aes_key: str = ""
    opened: int = 0
    turns: int = 0
    given_up: int = 0
    _openid: str = ""
    _text: str = ""
    _length: int = field(default=0)

    def __post_init__(self) -> None:
        self._begin()

    def request(self) -> bytes:
        now = int(time.time())
        xml = (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
            f"<FromUserName><![CDATA[{self._openid}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{self._text}]]></Content><MsgId>{next(_message_ids)}</MsgId></xml>"
        )
        timestamp, nonce = str(now), str(secrets.randbelow(10**10))
        query = {
            "signature": cipher.signature(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self._openid,
        }
        if self.aes_key:
            sealed = cipher.encrypt(xml, self.aes_key, self.app_id)
            query["encrypt_type"] = "aes"
            query["msg_signature"] = cipher.signature(self.token, timestamp, nonce, sealed)
            inside = f"<Encrypt><![CDATA[{sealed}]]></Encrypt>"
            xml = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>{inside}</xml>"
        return post(self.url, f"/wechat?{urlencode(query)}", "text/xml", xml.encode())

    def heard(self, body: bytes) -> None:
        self.turns += 1
        reply = self._read(body)
        if NUMBER.search(reply):
            self.opened += 1
            self._begin()
        elif self._length >= LONGEST:
            self.given_up += 1
            self._begin()
        else:
            self._length += 1
            self._text = next((answer for words, answer in ANSWERS if words in reply), "跳过")

    def _begin(self) -> None:
        self._openid = "o" + secrets.token_hex(13)
        self._text, self._length = next(self.told), 1

    def _read(self, body: bytes) -> str:
        if not self.aes_key or body == b"success":
            return body.decode()
        encrypted = ElementTree.fromstring(body).findtext("Encrypt") or ""
        return cipher.decrypt(encrypted, self.aes_key, self.app_id)


@dataclass
class ScriptedTalk:
    """The same messages to a server that does not ask for them: `length` of them make a conversation."""

    talk: WeChatTalk
    length: int
    opened: int = 0
    turns: int = 0

    def request(self) -> bytes:
        return self.talk.request()

    def heard(self, body: bytes) -> None:
        self.turns += 1
        if body != b"success":
            raise RuntimeError(f"answered {body[:80]!r}")
        last = self.turns % self.length == 0
        self.opened += last
        self.talk.heard(b"FQ2026-000001" if last else b"")


@dataclass
class RasaTalk:
    """A resident of Rasa's own REST channel, whose form asks as many questions."""

    url: str
    told: Iterator[str]
    opened: int = 0
    turns: int = 0
    given_up: int = 0
    _sender: str = ""
    _text: str = ""
    _length: int = 0

    def __post_init__(self) -> None:
        self._begin()

    def request(self) -> bytes:
        body = json.dumps({"sender": self._sender, "message": self._text}).encode()
        return post(self.url, "/webhooks/rest/webhook", "application/json", body)

    def heard(self, body: bytes) -> None:
        self.turns += 1
        reply = body.decode()
        if re.search("registered", reply):
            self.opened += 1
            self._begin()
        elif reply == "[]" or self._length >= LONGEST:
            self.given_up += 1
            self._begin()
        else:
            self._length += 1
            self._text = PLACE if "place" in reply else "跳过"

    def _begin(self) -> None:
        self._sender = secrets.token_hex(13)
        self._text, self._length = next(self.told), 1
