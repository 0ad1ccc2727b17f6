"""Words that mean danger now in the other languages that residents write, by rules alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "mn")
_SENTENCE_END = re.compile(r"[.!?;\n]+")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc`´]")
_NAME = re.compile(r"\{([a-z_]+)\}")
_LETTERS = re.compile(r"[a-z\u0400-\u04ff]")


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    signs: re.Pattern[str]
    unless: re.Pattern[str]


def crises(text: str) -> frozenset[str]:
    """The kinds of crisis that a text tells of in a language other than Chinese."""
    said = _APOSTROPHES.sub("'", unicodedata.normalize("NFKC", text).lower())
    if not _LETTERS.search(said):
        return frozenset()
    sentences = [" ".join(sentence.split()) for sentence in _SENTENCE_END.split(said)]
    return frozenset(
        kind.name
        for kind in _kinds()
        for sentence in sentences
        if kind.signs.search(sentence) and not kind.unless.search(sentence)
    )


@lru_cache(maxsize=1)
def _kinds() -> tuple[_Kind, ...]:
    return tuple(kind for language in LANGUAGES for kind in _read(language))


def _read(language: str) -> list[_Kind]:
    data = yaml.safe_load((Path(__file__).parent / f"safety_{language}.yml").read_text("utf-8"))
    words: Mapping[str, str] = data["words"]

    def compiled(patterns: list[Any]) -> re.Pattern[str]:
        flat = [one for pattern in patterns for one in (pattern if isinstance(pattern, list) else [pattern])]
        either = "|".join(f"(?:{pattern})" for pattern in flat)
        return re.compile(_NAME.sub(lambda name: words[name[1]], either))

    kinds = data["kinds"].items()
    return [_Kind(name, compiled(kind["signs"]), compiled(kind["unless"])) for name, kind in kinds]
