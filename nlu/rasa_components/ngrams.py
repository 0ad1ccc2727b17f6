"""The three views of a text that the linear model weighs: words, characters, pinyin syllables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

# Toneless syllables of single characters need no dictionary of phrases: 35 MB less, and faster.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin

_PUNCTUATION = set(" ，。！？、；：（）“”\"'…~～.-—/")


def _grams(units: Sequence[str], longest: int, separator: str) -> list[str]:
    return [
        separator.join(units[start : start + length])
        for length in range(1, longest + 1)
        for start in range(len(units) - length + 1)
    ]


def word_grams(tokens: Sequence[str], longest: int) -> list[str]:
    """Runs of up to `longest` words, punctuation left out."""
    return _grams([token for token in tokens if token.strip() and token not in _PUNCTUATION], longest, " ")


def character_grams(tokens: Sequence[str], longest: int) -> list[str]:
    """Runs of up to `longest` characters; every punctuation mark counts as the same boundary."""
    text = "".join(tokens)
    return _grams(["|", *("|" if c in _PUNCTUATION else c for c in text), "|"], longest, "")


def syllable_grams(tokens: Sequence[str], longest: int) -> list[str]:
    """Runs of up to `longest` toneless pinyin syllables: 工资 and 公资 are one."""
    text = "".join(c for c in "".join(tokens) if c not in _PUNCTUATION)
    return _grams(lazy_pinyin(text, style=Style.NORMAL), longest, " ")


VIEWS: dict[str, Callable[[Sequence[str], int], Iterable[str]]] = {
    "words": word_grams,
    "characters": character_grams,
    "syllables": syllable_grams,
}
