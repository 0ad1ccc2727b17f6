"""Signatures: the specification's own example, its own library as the peer, and what is not right."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from bot.webhook.signature import Keys, NotAuthentic, SecretUnusable, open_envelope
from tests.channels.integrator import SECRET, signed

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OTHER = "whsec_" + base64.b64encode(b"quite another secret, also long").decode()
BODY = json.dumps({"type": "resident.text", "data": {"text": "楼上漏水"}}, ensure_ascii=False).encode()


def verify(keys: Keys, headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> None:
    keys.verify(open_envelope(headers, now), body)


def test_both_sides_of_the_peer() -> None:
    now = datetime.now(UTC)
    peer = standardwebhooks.Webhook(SECRET)
    headers = Keys([SECRET]).sign("msg_1", now, BODY)
    assert peer.verify(BODY, headers) == json.loads(BODY)
    theirs = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": peer.sign("msg_1", now, BODY.decode()),
    }
    verify(Keys([SECRET]), theirs, now=now)


def test_the_vector_of_the_reference_implementation() -> None:
    """From the specification's test vectors: id, time, body and secret with their signature."""
    at = datetime.fromtimestamp(1614265330, UTC)
    keys = Keys(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    headers = keys.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_changes_both_count() -> None:
    changing, old, new = Keys([SECRET, OTHER]), Keys([OTHER]), Keys([SECRET])
    for keys in (old, new):
        verify(changing, keys.sign("a", NOW, BODY))
        verify(keys, changing.sign("a", NOW, BODY))
    with pytest.raises(NotAuthentic):
        verify(new, old.sign("a", NOW, BODY))


def test_versions_that_are_not_known_count_for_nothing() -> None:
    headers = signed(SECRET, "a", NOW, BODY)
    headers["webhook-signature"] = f"v1a,AAAA v2 v1,%% {headers['webhook-signature']}"
    verify(Keys([SECRET]), headers)


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
def test_a_clock_may_be_a_little_off(minutes: float) -> None:
    verify(Keys([SECRET]), signed(SECRET, "a", NOW + timedelta(minutes=minutes), BODY))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "a.b"),
        ("webhook-id", "a" * 65),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "now"),
        ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "1e9"),
        ("webhook-timestamp", "9" * 400),
        ("webhook-timestamp", "１６１４２６５３３０"),
        ("webhook-timestamp", str(int((NOW - timedelta(minutes=6)).timestamp()))),
        ("webhook-timestamp", str(int((NOW + timedelta(minutes=6)).timestamp()))),
        ("webhook-timestamp", str(int(NOW.timestamp()) + 1)),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v2,AAAA"),
        ("webhook-signature", "v1,not base64"),
        ("webhook-signature", "v1," + base64.b64encode(b"x" * 32).decode()),
    ],
)
def test_what_is_not_authentic(name: str, value: str) -> None:
    headers = signed(SECRET, "a", NOW, BODY) | {name: value}
    with pytest.raises(NotAuthentic):
        verify(Keys([SECRET]), headers)


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(at: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= 1 << bit
    with pytest.raises(NotAuthentic):
        verify(Keys([SECRET]), signed(SECRET, "a", NOW, BODY), bytes(changed))


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_short",
        base64.b64encode(b"x" * 32).decode(),
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_%%%%" + base64.b64encode(b"x" * 32).decode(),
    ],
)
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(SecretUnusable, match="whsec_"):
        Keys([secret])
