"""A text that is too long for one message, divided where a reader would pause."""

from __future__ import annotations

from collections.abc import Callable

_PAUSES = ("\n\n", "\n", "。", "！", "？", "；", "，", " ")  # the best place to divide first


def divide(text: str, longest: int, size: Callable[[str], int]) -> list[str]:
    """`text` in parts of at most `longest`, at paragraphs if possible; only blanks are left out.

    `size` is what the channel's limit counts, of a text or of one character.
    """
    parts: list[str] = []
    rest = text.strip()
    while size(rest) > longest:
        at = _pause(rest[: _fitting(rest, longest, size)])
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _fitting(text: str, longest: int, size: Callable[[str], int]) -> int:
    """How many characters fit."""
    total = 0
    for place, character in enumerate(text):
        total += size(character)
        if total > longest:
            return place
    return len(text)


def _pause(head: str) -> int:
    """Where to divide: after the last pause in the second half of what fits, else at its end."""
    for pause in _PAUSES:
        at = head.rfind(pause)
        if at >= len(head) // 2:
            return at + len(pause)
    return len(head)
