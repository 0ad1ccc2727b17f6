"""Text as WeChat's XML and its size limits take it."""

from __future__ import annotations

import re

from bot.division import divide

MAX_BYTES = 2048
"""Longest text of a message in UTF-8 bytes (WeChat, customer service messages; 45002 above)."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 §2.2 does not allow in a document, not even escaped."""


def clean(text: str) -> str:
    """`text` without the characters that no XML document may contain; residents' phones do send them."""
    return _ILLEGAL.sub("", text)


def cdata(text: str) -> str:
    """`text` for the inside of a CDATA section that its writer does not escape."""
    return clean(text).replace("]]>", "]]]]><![CDATA[>")


def divided(text: str, most: int, max_bytes: int = MAX_BYTES) -> list[str]:
    """`text` as at most so many messages; what is beyond that is cut from the last one."""
    parts = divide(clean(text).encode("utf-8", "ignore").decode(), max_bytes, _bytes)
    return parts if len(parts) <= most else [*parts[: most - 1], fit("\n".join(parts[most - 1 :]), max_bytes)]


def fit(text: str, max_bytes: int = MAX_BYTES) -> str:
    """`text`, cut between characters and marked with … when it is longer than `max_bytes`."""
    encoded = text.encode("utf-8", "ignore")
    if len(encoded) <= max_bytes:
        return encoded.decode()
    mark = "…"
    return encoded[: max_bytes - len(mark.encode())].decode("utf-8", "ignore") + mark


def _bytes(text: str) -> int:
    return len(text.encode())
