"""Text as Telegram takes it: counted in UTF-16 code units, divided where a reader would pause."""

from __future__ import annotations

import re

from bot import division

LONGEST = 4096
"""UTF-16 code units of one message (Bot API, sendMessage: 1-4096 characters)."""

LONGEST_CAPTION = 1024
"""UTF-16 code units under a picture (Bot API, sendPhoto)."""

_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: no UTF-8, and the Bot API takes nothing else."""


def length(text: str) -> int:
    """UTF-16 code units of a text: what Telegram's limits count."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """`text` without what cannot be sent, and without blank edges, which Telegram would cut off."""
    return _UNSENDABLE.sub("", text).strip()


def divide(text: str, longest: int = LONGEST) -> list[str]:
    """`text` in parts of at most `longest` units; only blanks are left out."""
    return division.divide(text, longest, length)
