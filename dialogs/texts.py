"""The sentences residents read: found by key in their language, filled in, joined into one message.

What goes into a sentence is written in Chinese, as it is kept. Another language puts our own words among it,
a category, a date, into its own; what a person wrote stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from backend.domain.deadlines import SHANGHAI
from backend.domain.lifecycle import Status
from dialogs.languages import DEFAULT_LANGUAGE as DEFAULT_LANGUAGE
from dialogs.languages import is_chinese
from dialogs.messages import Choice, Params

PRIVACY_VERSION = "2026-1"
"""Changes with the meaning of `privacy.notice`: every resident is then shown it once more."""

_FOLDER = Path(__file__).parent / "texts"
_OUR_WORDS: Mapping[str, tuple[str, ...]] = {
    "category": tuple(f"category.{c}" for c in ("property", "labour", "family", "neighbour", "other")),
    "status": tuple(f"status.{status.value}" for status in Status),
    **dict.fromkeys(("due", "accept_by", "date"), ("date",)),
    "month": tuple(f"months.{month}" for month in range(1, 13)),
    "matter": ("notice.matter_other", "notice.matter"),
    "harm": ("choice.harm_yes", "choice.harm_no"),
    "mediated": ("choice.mediated_yes", "choice.mediated_no"),
    "place": ("complaint.place_on_map", "complaint.place_in_photo"),
    "story": ("complaint.only_files",),
}
"""For each parameter that may hold a sentence of ours, which ones."""
_STAFFS_WORDS = frozenset({"text", "reason", "result"})
"""Parameters that hold what staff wrote …"""
_RELAYED = "chat.relayed"
"""… except in what was put into words before."""
_ELLIPSIS = "…"
_RUNS_ON = "——"


class TextError(KeyError):
    """There is no such sentence, or a parameter that it needs was not given."""


def text(key: str, params: Params | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """The sentence `key` with its parameters filled in, in Chinese where a language lacks it.

    Raises TextError.
    """
    if key not in sentences(language):
        language = DEFAULT_LANGUAGE
    template = sentences(language).get(key)
    if template is None:
        raise TextError(f"no text {key}")
    given = dict(params or {})
    if language != DEFAULT_LANGUAGE:
        given = {name: in_language(name, value, language) for name, value in given.items()}
    try:
        filled = template.format_map(given)
    except KeyError as missing:
        raise TextError(f"text {key} needs the parameter {missing}") from missing
    by_staff = any(name in _STAFFS_WORDS and is_chinese(value) for name, value in given.items())
    return as_written(filled, language) if by_staff and key != _RELAYED else filled


def in_language(name: str, value: str, language: str) -> str:
    """What the parameter `name` holds, in a language: our own words translated, anything else as it is."""
    if language == DEFAULT_LANGUAGE:
        return value
    for key in _OUR_WORDS.get(name, ()):
        if found := _pattern(key).fullmatch(value):
            return text(key, found.groupdict(), language)
    return value


def as_written(words: str, language: str) -> str:
    """What a person wrote, and where the resident speaks another language, that it is Chinese."""
    if language == DEFAULT_LANGUAGE or not is_chinese(words):
        return words
    return f"{words}\n{text('language.written_in_chinese', language=language)}"


def label(choice: Choice, language: str = DEFAULT_LANGUAGE) -> str:
    """What a choice is called."""
    return choice.literal or text(choice.key, choice.params, language)


def numbers(choices: Sequence[Choice]) -> tuple[str, ...]:
    """The number to type for each choice: an id that is a digit is its own number, others count from 1."""
    return tuple(
        choice.id if choice.id.isdecimal() else str(place) for place, choice in enumerate(choices, start=1)
    )


def date_text(moment: datetime, language: str = DEFAULT_LANGUAGE) -> str:
    """The day in Shanghai of an aware moment, as residents read it: 12月1日."""
    day = moment.astimezone(SHANGHAI).date()
    return text("date", {"month": str(day.month), "day": str(day.day)}, language)


def render(
    parts: Sequence[tuple[str, Params]],
    choices: Sequence[Choice] = (),
    numbered: bool = True,
    max_bytes: int | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> str:
    """One message: each part on its line, then, when numbered, one choice per line.

    Longer than `max_bytes` of UTF-8, the longest parameter of the longest part that has any is shortened with
    …; when none is left to shorten, the words are cut. The choices always stay whole.
    """
    lines = [f"{n} {label(c, language)}" for n, c in zip(numbers(choices), choices, strict=True)]
    tail = "".join(f"\n{line}" for line in lines) if numbered else ""
    body = _join(text(key, params, language) for key, params in parts)
    if max_bytes is not None:
        room = max(0, max_bytes - _size(tail))
        body = _fit(parts, body, room, language)
    return (body + tail).removeprefix("\n")


@lru_cache(maxsize=8)
def sentences(language: str) -> Mapping[str, str]:
    """All sentences of a language by dotted key; raises TextError when there is no such language."""
    file = _FOLDER / f"{language}.yaml"
    if not language.isidentifier() or not file.is_file():
        raise TextError(f"no texts for {language}")
    return dict(_flatten(yaml.safe_load(file.read_text("utf-8"))))


@lru_cache(maxsize=64)
def _pattern(key: str) -> re.Pattern[str]:
    """The texts that a Chinese sentence becomes when it is filled in."""
    pieces = Formatter().parse(sentences(DEFAULT_LANGUAGE)[key])
    parts = (re.escape(words) + (f"(?P<{name}>.+?)" if name else "") for words, name, _, _ in pieces)
    return re.compile("".join(parts))


def placeholders(template: str) -> frozenset[str]:
    """The names of the parameters that a sentence needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def shorten(value: str, length: int) -> str:
    """At most `length` characters of a value, the last one … when something was left out."""
    return value if len(value) <= length else value[: length - 1] + _ELLIPSIS


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def _join(lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return body.replace(f"{_RUNS_ON}\n", _RUNS_ON)


def _size(value: str) -> int:
    return len(value.encode())


def _cut(value: str, size: int) -> str:
    """`value` within `size` bytes, … included, never half a character."""
    kept = value.encode()[: max(0, size - _size(_ELLIPSIS))].decode(errors="ignore")
    return kept + _ELLIPSIS if size >= _size(_ELLIPSIS) else kept


def _fit(parts: Sequence[tuple[str, Params]], body: str, room: int, language: str) -> str:
    given = [(key, dict(params)) for key, params in parts]
    while (excess := _size(body) - room) > 0:
        filled = [(_size(text(key, params, language)), params) for key, params in given if params]
        if not filled:
            return _cut(body, room)
        params = max(filled, key=lambda part: part[0])[1]
        name = max(params, key=lambda name: _size(params[name]))
        if _size(params[name]) <= _size(_ELLIPSIS):
            return _cut(body, room)
        params[name] = _cut(params[name], max(_size(_ELLIPSIS), _size(params[name]) - excess))
        body = _join(text(key, params, language) for key, params in given)
    return body
