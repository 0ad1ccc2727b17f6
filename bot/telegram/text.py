"""Text as Telegram takes it: counted in UTF-16 code units, divided where a reader would pause."""

from __future__ import annotations

import re

LONGEST = 4096
"""UTF-16 code units of one message (Bot API, sendMessage: 1-4096 characters)."""

LONGEST_CAPTION = 1024
"""UTF-16 code units under a picture (Bot API, sendPhoto)."""

_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: no UTF-8, and the Bot API takes nothing else."""

_PAUSES = ("\n\n", "\n", "。", "！", "？", "；", "，", " ")  # the best place to divide first


def length(text: str) -> int:
    """UTF-16 code units of a text: what Telegram's limits count."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """`text` without what cannot be sent, and without blank edges, which Telegram would cut off."""
    return _UNSENDABLE.sub("", text).strip()


def divide(text: str, longest: int = LONGEST) -> list[str]:
    """`text` in parts of at most `longest` units, at paragraphs if possible; only blanks are left out."""
    parts: list[str] = []
    rest = text.strip()
    while length(rest) > longest:
        at = _pause(rest[: _fitting(rest, longest)])
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _fitting(text: str, longest: int) -> int:
    """How many characters fit into so many units."""
    units = 0
    for place, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > longest:
            return place
    return len(text)


def _pause(head: str) -> int:
    """Where to divide: after the last pause in the second half of what fits, else at its end."""
    for pause in _PAUSES:
        at = head.rfind(pause)
        if at >= len(head) // 2:
            return at + len(pause)
    return len(head)
