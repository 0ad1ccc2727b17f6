"""The words that residents type, read once from words.yaml."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


def plain(text: str) -> str:
    """A text as it is compared: half-width, lower case, letters and digits only (no spaces, marks, emoji)."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Any]:
    """The whole file: lists of words, and for some readers a mapping of lists."""
    words: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return words


def is_among(group: str, text: str) -> bool:
    """Whether a text is exactly one of the words of a group."""
    return plain(text) in _plain_words(group)


def label_of(group: str, text: str) -> str:
    """Under which label a group of labelled lists holds a text, empty when under none."""
    return _labels(group).get(plain(text), "")


@lru_cache(maxsize=32)
def _plain_words(group: str) -> frozenset[str]:
    return frozenset(plain(str(word)) for word in vocabulary()[group])


@lru_cache(maxsize=8)
def _labels(group: str) -> Mapping[str, str]:
    return {plain(str(word)): str(name) for name, words in vocabulary()[group].items() for word in words}
