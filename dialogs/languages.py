"""The languages that residents can choose, and what a text or a device says of its owner's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend.domain import scripts

PURPOSE = "language"
"""Of the question which language it shall be, and what its command begins with."""
DEFAULT_LANGUAGE = "zh_CN"
LANGUAGES = (DEFAULT_LANGUAGE, "en", "mn")
"""Each has a file in `dialogs/texts`; what is missing in one is said in the first."""

_BY_TAG = {"zh": DEFAULT_LANGUAGE, "en": "en", "mn": "mn"}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]{2,}")
_LATIN = re.compile(r"(?<![a-z0-9@/.:_-])[a-z]{2,}(?![a-z0-9@/:_-])")
_LINK = re.compile(r"https?://\S+")
FEWEST_WORDS = 2
"""One word of Latin letters is ok, WIFI or a brand to somebody who writes Chinese."""


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return scripts.is_chinese(text)


def of_text(text: str) -> str:
    """The language that a text seems to be in, empty when its letters do not tell."""
    if is_chinese(text):
        return DEFAULT_LANGUAGE
    words = _LINK.sub("", text.lower())
    if _CYRILLIC.search(words):
        return "mn"
    return "en" if len(_LATIN.findall(words)) >= FEWEST_WORDS else ""


def has_foreign_words(text: str) -> bool:
    """Whether a text without a Chinese character holds a word in other letters; a case number is none."""
    return not is_chinese(text) and (_LATIN.search(text.lower()) or _CYRILLIC.search(text)) is not None


def of_tags(tags: Iterable[str]) -> str:
    """The first language that we speak among a device's (`en-US`, `zh-Hans`); empty when there is none."""
    known = (_BY_TAG.get(re.split("[-_]", tag.strip().lower())[0], "") for tag in tags)
    return next(filter(None, known), "")
