"""The gate of the callback: lets in only what WeChat provably sent just now to this account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import xmltodict

from bot.wechat import signature
from bot.wechat.crypto import SafeKey, Undecryptable, decrypt_with_any
from bot.wechat.xml_text import clean


class Refused(Exception):
    """Not from WeChat, or not provably so; its text is a code for the counter."""


@dataclass(frozen=True, slots=True)
class Query:
    """What WeChat puts into the callback's URL."""

    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    encrypt_type: str = ""
    echostr: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """From the URL's parameters; what is missing is empty."""
        return cls(**{name: parameters.get(name, "") for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Letter:
    """An authentic callback's XML; `key` is what it was encrypted with, None in plain mode."""

    xml: str
    key: SafeKey | None


class Gate:
    """Checks signatures, freshness and encryption for one official account."""

    def __init__(self, token: str, keys: Sequence[SafeKey] = (), *, safe_only: bool = False) -> None:
        """`keys`: the current EncodingAESKey first, then the previous one; none = plain mode only."""
        self._token = token
        self._keys = tuple(keys)
        self._safe_only = safe_only

    def check_handshake(self, query: Query, now: datetime) -> str:
        """The `echostr` to answer when WeChat asks whether this address is ours; raises Refused."""
        self._check_plain(query, now)
        if not query.echostr:
            raise Refused("no_echo")
        return query.echostr

    def check_url(self, query: Query, now: datetime) -> None:
        """Turn away by the URL alone, before a byte of the body is read; raises Refused."""
        if query.signature or not query.msg_signature:
            self._check_plain(query, now)
        elif not signature.is_fresh(query.timestamp, now):
            raise Refused("stale")

    def open(self, query: Query, body: bytes) -> Letter:
        """The XML of a callback whose URL was let in; raises Refused."""
        encrypted = query.msg_signature or query.encrypt_type == "aes"
        # Without a key, WeChat's compatible mode (both forms in one body) is read as plain.
        if encrypted and self._keys:
            return self._open_encrypted(query, body)
        if self._safe_only or not query.signature:
            raise Refused("plain")
        return Letter(_decode(body), None)

    def _check_plain(self, query: Query, now: datetime) -> None:
        # Empty parts would let a signature of other parts pass: SHA-1 runs over their concatenation.
        if not (query.timestamp and query.nonce and query.signature):
            raise Refused("unsigned")
        if not signature.matches(query.signature, self._token, query.timestamp, query.nonce):
            raise Refused("unsigned")
        if not signature.is_fresh(query.timestamp, now):
            raise Refused("stale")

    def _open_encrypted(self, query: Query, body: bytes) -> Letter:
        ciphertext = _ciphertext(_decode(body))
        if not signature.matches(query.msg_signature, self._token, query.timestamp, query.nonce, ciphertext):
            raise Refused("unsigned")
        try:
            xml, key = decrypt_with_any(
                self._keys, ciphertext, query.msg_signature, query.timestamp, query.nonce
            )
        except Undecryptable:
            raise Refused("wrong_key") from None
        return Letter(clean(xml), key)


def _decode(body: bytes) -> str:
    try:
        return clean(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused("malformed") from None


def _ciphertext(xml: str) -> str:
    try:
        ciphertext = xmltodict.parse(xml)["xml"]["Encrypt"]
    except Exception:
        # expat and xmltodict raise five kinds of errors on hostile input.
        raise Refused("malformed") from None
    if not isinstance(ciphertext, str):
        raise Refused("malformed")
    return ciphertext
