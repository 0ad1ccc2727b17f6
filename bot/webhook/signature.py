"""Signatures after the Standard Webhooks specification 1.0.0: who sent a request, when, and that it is whole.

The specification's own Python library takes the time from the machine, lets a broken header raise what it
likes and knows one secret at a time; it is the peer in `tests/webhook`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How far a request's time may be off, in both directions."""

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

_PREFIX = "whsec_"
_BYTES = range(24, 65)
"""Length of a secret (Signature scheme: 192 to 512 bits)."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""No full stop: it divides what is signed."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES = 8


class SecretUnusable(ValueError):
    """The text is no secret of this kind."""


class NotAuthentic(Exception):
    """The request is not provably the other side's, or not of now; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of a request, as far as they can be checked without its body."""

    message_id: str
    timestamp: str
    signatures: tuple[bytes, ...]


class Keys:
    """The secrets that both sides share: the current one first, then the one before it."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises SecretUnusable."""
        self._keys = tuple(map(_key, secrets))

    def sign(self, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
        """The headers of a request that is sent at this time, signed with every secret."""
        timestamp = str(int(at.timestamp()))
        signed = (f"v1,{base64.b64encode(mac).decode()}" for mac in self._macs(message_id, timestamp, body))
        return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signed)}

    def verify(self, envelope: Envelope, body: bytes) -> None:
        """Raise NotAuthentic unless the body was signed with one of the secrets."""
        macs = self._macs(envelope.message_id, envelope.timestamp, body)
        # A list, not a generator: each pair is compared, whichever fits.
        fits = [hmac.compare_digest(given, mac) for given in envelope.signatures for mac in macs]
        if not any(fits):
            raise NotAuthentic(f"no signature in {SIGNATURE} fits this body, id, time and secret")

    def _macs(self, message_id: str, timestamp: str, body: bytes) -> list[bytes]:
        content = f"{message_id}.{timestamp}.".encode() + body
        return [hmac.digest(key, content, hashlib.sha256) for key in self._keys]


def open_envelope(headers: Mapping[str, str], now: datetime) -> Envelope:
    """Read the three headers before the body; raises NotAuthentic."""
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not _ID.fullmatch(message_id):
        raise NotAuthentic(f"{ID} is missing or not 1 to 64 letters, digits, - and _")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotAuthentic(f"{TIMESTAMP} is missing or no number of seconds since 1970")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise NotAuthentic(f"{TIMESTAMP} is more than five minutes off: is the clock right?")
    given = headers.get(SIGNATURE, "").split(" ")[:_MOST_SIGNATURES]
    signatures = tuple(mac for one in given if (mac := _signature(one)) is not None)
    if not signatures:
        raise NotAuthentic(f"{SIGNATURE} is missing or holds no signature that begins with v1,")
    return Envelope(message_id, timestamp, signatures)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _BYTES:
        raise SecretUnusable(f"looks like {_PREFIX} and the base64 of 24 to 64 random bytes")
    return key


def _signature(text: str) -> bytes | None:
    """The bytes of a `v1,…`; other versions and broken ones count for nothing."""
    version, _, encoded = text.partition(",")
    if version != "v1":
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
