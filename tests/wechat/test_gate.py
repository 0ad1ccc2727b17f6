from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.wechat.crypto import KeyUnusable, SafeKey
from bot.wechat.gate import Gate, Letter, Query, Refused
from bot.wechat.signature import is_fresh, matches, sign
from tests.wechat import cipher
from tests.wechat.conftest import APP_ID, KEY, PREVIOUS_KEY, TOKEN, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
XML = payload("text")


def gate(*keys: str, safe_only: bool = False) -> Gate:
    return Gate(TOKEN, [SafeKey(TOKEN, key, APP_ID) for key in keys], safe_only=safe_only)


def plain(**changes: str) -> Query:
    fields = {"timestamp": STAMP, "nonce": "n1", "echostr": "echo"} | changes
    fields.setdefault("signature", cipher.signature(TOKEN, fields["timestamp"], fields["nonce"]))
    return Query.of(fields)


def safe(key: str, *, xml: str = XML, app_id: str = APP_ID, **changes: str) -> tuple[Query, bytes]:
    encrypted = cipher.encrypt(xml, key, app_id)
    signature = cipher.signature(TOKEN, STAMP, "n1", encrypted)
    query = plain(**({"encrypt_type": "aes", "msg_signature": signature} | changes))
    return query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


def refused(gate: Gate, query: Query, body: bytes, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as reason:
        gate.check_url(query, now)
        gate.open(query, body)
    return str(reason.value)


def opened(gate: Gate, query: Query, body: bytes) -> Letter:
    gate.check_url(query, NOW)
    return gate.open(query, body)


def test_signature_is_that_of_the_documentation() -> None:
    assert sign("b", "a", "c") == "a9993e364706816aba3e25717850c26c9cd0d89d"  # SHA-1 of "abc"
    assert matches("a9993e364706816aba3e25717850c26c9cd0d89d", "c", "b", "a")
    for wrong in (
        "",
        "A9993E364706816ABA3E25717850C26C9CD0D89D",
        "签名",
        "a9993e364706816aba3e25717850c26c9cd0d89",
    ):
        assert not matches(wrong, "c", "b", "a")


@pytest.mark.parametrize(
    ("timestamp", "fresh"),
    [
        (STAMP, True),
        (str(int(STAMP) - 300), True),
        (str(int(STAMP) + 300), True),
        (str(int(STAMP) - 301), False),
        (str(int(STAMP) + 301), False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("１７７２４４１２００", False),
        ("9" * 12, False),
        ("9" * 11, False),
    ],
)
def test_freshness(timestamp: str, fresh: bool) -> None:
    assert is_fresh(timestamp, NOW) is fresh


def test_handshake() -> None:
    assert gate().check_handshake(plain(), NOW) == "echo"
    for query in (plain(signature="0" * 40), plain(echostr=""), plain(nonce=""), Query()):
        with pytest.raises(Refused):
            gate().check_handshake(query, NOW)
    with pytest.raises(Refused, match="stale"):
        gate().check_handshake(plain(), NOW + timedelta(minutes=6))


def test_plain_mode() -> None:
    assert opened(gate(), plain(), XML.encode()) == Letter(XML, None)
    assert refused(gate(), plain(signature="0" * 40), XML.encode()) == "unsigned"
    assert refused(gate(), plain(), XML.encode(), NOW - timedelta(minutes=6)) == "stale"
    assert refused(gate(), plain(), b"\xff\xfe") == "malformed"


def test_plain_mode_beside_safe_mode_unless_it_is_shut() -> None:
    assert opened(gate(KEY), plain(), XML.encode()).key is None
    assert refused(gate(KEY, safe_only=True), plain(), XML.encode()) == "plain"


def test_control_characters_from_a_phone_do_not_lose_the_message() -> None:
    body = XML.replace("物业费", "物业\x08费\x00").encode()
    assert opened(gate(), plain(), body).xml == XML


def test_example_of_the_documentation() -> None:
    key = SafeKey("spamtest", KEY, "wx2c2769f8efd9abc2")
    query = Query.of(
        {
            "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
            "timestamp": "1409735669",
            "nonce": "1320562132",
        }
    )
    strict = Gate("spamtest", [key], safe_only=True)
    strict.check_url(query, datetime.fromtimestamp(1409735669, UTC))
    letter = strict.open(query, payload("official_safe_mode").encode())
    assert "<Content><![CDATA[abcdteT]]></Content>" in letter.xml
    assert letter.key is key


@pytest.mark.parametrize("keys", [(KEY,), (KEY, PREVIOUS_KEY), (PREVIOUS_KEY, KEY)])
def test_safe_mode_answers_with_the_key_that_opened(keys: Sequence[str]) -> None:
    letter = opened(gate(*keys, safe_only=True), *safe(KEY))
    assert letter.xml == XML
    assert letter.key is not None
    envelope = letter.key.encrypt("<xml>答复</xml>", NOW)
    sealed = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    nonce = envelope.split("<Nonce><![CDATA[")[1].split("]]>")[0]
    assert cipher.decrypt(sealed, KEY, APP_ID) == "<xml>答复</xml>"
    assert f"<TimeStamp>{STAMP}</TimeStamp>" in envelope
    assert cipher.signature(TOKEN, STAMP, nonce, sealed) in envelope


def test_safe_mode_refuses() -> None:
    strict = gate(KEY, safe_only=True)
    assert refused(strict, *safe(PREVIOUS_KEY)) == "wrong_key"
    assert refused(strict, *safe(KEY, app_id="wxanother")) == "wrong_key"
    assert refused(strict, *safe(KEY, msg_signature="0" * 40)) == "unsigned"
    assert refused(strict, *safe(KEY, msg_signature="")) == "unsigned"
    assert refused(strict, *safe(KEY, signature="0" * 40)) == "unsigned"
    query, _ = safe(KEY)
    for body in (b"", b"<xml>", b"<xml/>", b"<xml><Encrypt/></xml>", b"<xml><Encrypt><a/></Encrypt></xml>"):
        assert refused(strict, query, body) == "malformed"
    query, body = safe(KEY)
    assert refused(strict, query, body.replace(b"<![CDATA[", b"<![CDATA[A")) == "unsigned"
    for garbage in ("", "AAAA", "not base64!", cipher.encrypt(XML, KEY, APP_ID)[:-4]):
        query = plain(encrypt_type="aes", msg_signature=cipher.signature(TOKEN, STAMP, "n1", garbage))
        body = f"<xml><Encrypt>{garbage}</Encrypt></xml>".encode()
        assert refused(strict, query, body) in {"wrong_key", "malformed"}


def test_safe_mode_alone_is_signature_enough() -> None:
    query, body = safe(KEY, signature="")
    assert opened(gate(KEY), query, body).xml == XML
    assert refused(gate(KEY), query, body, NOW + timedelta(minutes=6)) == "stale"


def test_without_a_key_the_compatible_mode_is_read_as_plain() -> None:
    query, _ = safe(KEY)
    both = XML.replace("</xml>", "<Encrypt>x</Encrypt></xml>").encode()
    assert opened(gate(), query, both).key is None
    assert refused(gate(), *safe(KEY, signature="")) == "plain"


@pytest.mark.parametrize("key", ["", "short", "签" * 43, "=" * 43, KEY + "="])
def test_unusable_key(key: str) -> None:
    with pytest.raises(KeyUnusable):
        SafeKey(TOKEN, key, APP_ID)
