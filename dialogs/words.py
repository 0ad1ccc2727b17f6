"""The words that residents type, read once from words.yaml and the other languages' files beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dialogs.languages import DEFAULT_LANGUAGE, LANGUAGES

_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=16)
def plain(text: str) -> str:
    """A text as it is compared: half-width, lower case, letters and digits only (no spaces, marks, emoji).

    The words of one message are compared with many others: the last few texts are not prepared anew.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Any]:
    """All words: lists of words, and for some readers a mapping of lists."""
    words: dict[str, Any] = _read("words.yaml")
    for language in LANGUAGES:
        if language != DEFAULT_LANGUAGE:
            words = _with(words, _read(f"words.{language}.yaml"))
    return words


def is_among(group: str, text: str) -> bool:
    """Whether a text is exactly one of the words of a group."""
    return plain(text) in _plain_words(group)


def label_of(group: str, text: str) -> str:
    """Under which label a group of labelled lists holds a text, empty when under none."""
    return _labels(group).get(plain(text), "")


def _read(file: str) -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load((Path(__file__).parent / file).read_text("utf-8"))
    return words


def _with(words: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The words with another language's after them, whose phrases lose their spaces as when compared."""
    added = dict(words)
    for group, found in more.items():
        if isinstance(found, Mapping):
            added[group] = _with(words.get(group, {}), found)
        else:
            added[group] = [*words.get(group, ()), *map(plain, found)]
    return added


@lru_cache(maxsize=32)
def _plain_words(group: str) -> frozenset[str]:
    return frozenset(plain(str(word)) for word in vocabulary()[group])


@lru_cache(maxsize=8)
def _labels(group: str) -> Mapping[str, str]:
    return {plain(str(word)): str(name) for name, words in vocabulary()[group].items() for word in words}
