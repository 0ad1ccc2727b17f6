"""The signature of WeChat's callbacks: SHA-1 over sorted parts, compared in constant time, and fresh."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from wechatpy.utils import WeChatSigner

FRESH = timedelta(minutes=5)
"""How far a callback's own time may be from ours; WeChat's three deliveries end within 15 s."""


def sign(*parts: str) -> str:
    """The signature of `parts` (token, timestamp, nonce and, in safe mode, the ciphertext): 40 hex digits."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def matches(signature: str, *parts: str) -> bool:
    """Whether `signature` is that of `parts`; takes as long for a near miss as for a wild guess."""
    return hmac.compare_digest(sign(*parts).encode(), signature.encode("utf-8", "replace"))


def is_fresh(timestamp: str, now: datetime, window: timedelta = FRESH) -> bool:
    """Whether `timestamp` (Unix seconds in decimal) lies within `window` of `now` on either side."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        return False
    return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= window
