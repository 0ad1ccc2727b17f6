"""In which letters something is written: staff read Chinese, anything else needs a translation (需要翻译)."""

from __future__ import annotations

import re

LANGUAGE = "zh_CN"
"""The staff's."""
CHINESE_LETTER = "[\u3400-\u9fff\uf900-\ufaff]"
OTHER_LETTER = "[A-Za-z\u00c0-\u1fff\ua640-\ud7a3]"
"""Patterns that Python and PostgreSQL read alike."""

_CHINESE, _OTHER = re.compile(CHINESE_LETTER), re.compile(OTHER_LETTER)


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return _CHINESE.search(text) is not None


def is_foreign(text: str) -> bool:
    """Whether a text has letters and none of them is Chinese."""
    return _OTHER.search(text) is not None and not is_chinese(text)


def needs_translation(language: str, text: str) -> bool:
    """Whether staff need one for what a resident who speaks `language` wrote, or for what they answer."""
    return language != LANGUAGE or is_foreign(text)
