"""Two disputes in one message: where a text divides, and whether its parts are matters of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

from nlu.keywords import category_scores
from nlu.normalisation import normalise
from nlu.understanding import CATEGORIES, Matter, Understanding

MOST_PARTS = 3
SHORTEST_PART = 4
"""Letters: the shortest part that tells of a dispute (楼上漏水)."""
SHORTEST_ALONE = 8
"""Letters of each part where no connector says that another matter begins."""
MOST_PHRASES = 40
"""Whoever writes more phrases tells one long story; its connectors are still heard."""
LEAST_KEYWORDS = 4
"""Weight of a category's words, from which a part speaks of it by itself (nlu/keywords.yml)."""
SURE = 0.85
"""Confidence of each part."""
SURER = 0.93
"""The same where no connector says that another matter begins."""

Scores = Mapping[str, float]

_MARKS = " \t\r\n，。！？；：,.!?;:、"
_END = re.compile(r"[。！？!?；;\n\s]+")
_PHRASE_END = re.compile(r"[。！？!?；;，,\n\s]")


@dataclass(frozen=True, slots=True)
class Division:
    """A text in parts that may be matters of their own, and how sure of each one must be."""

    parts: tuple[str, ...]
    sure: float


@dataclass(frozen=True, slots=True)
class _Words:
    connector: re.Pattern[str]
    opening: re.Pattern[str]
    troubles: tuple[str, ...]
    leans: tuple[str, ...]


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = yaml.safe_load((Path(__file__).parent / "matters.yml").read_text("utf-8"))
    connector, preface = "|".join(data["connectors"]), "|".join(data["prefaces"])
    return _Words(
        re.compile(connector),
        re.compile(rf"(?:(?:{connector}|{preface})[{_MARKS}]*)*"),
        tuple(data["troubles"]),
        tuple(data["leans"]),
    )


def division(text: str) -> Division | None:
    """Return the parts of `text` that are worth a look each; None when nothing suggests two matters."""
    starts = [found.start() for found in _words().connector.finditer(text)]
    spoken = _parts(text, starts[:MOST_PHRASES])
    if len(spoken) > MOST_PARTS:
        spoken = _joined(spoken, _deepest(spoken))
    if len(spoken) > 1:
        return Division(spoken, SURE)
    alone = _standing_alone(text)
    return Division(alone, SURER) if alone else None


def matters(division: Division, meanings: Sequence[Understanding]) -> tuple[Matter, ...]:
    """Return the matters of different categories that the parts surely are; none when fewer than two."""
    found: dict[str, list[Matter]] = {}
    loose: list[str] = []
    last = ""
    for part, meaning in zip(division.parts, meanings, strict=True):
        if _is_sure(part, meaning, division.sure):
            last = meaning.intent
            found.setdefault(last, []).append(Matter("\n".join((*loose, part)), meaning))
            loose = []
        elif last:
            matter = found[last][-1]
            found[last][-1] = replace(matter, text=f"{matter.text}\n{part}")
        else:
            loose.append(part)
    return tuple(_whole(same) for same in found.values()) if len(found) > 1 else ()


def _whole(same: Sequence[Matter]) -> Matter:
    surest = max(same, key=lambda matter: matter.meaning.confidence)
    return Matter("\n".join(matter.text for matter in same), surest.meaning)


def _is_sure(part: str, meaning: Understanding, sure: float) -> bool:
    """Whether a part is a dispute; 其他 is what remarks are taken for too, so it must tell of a trouble."""
    if meaning.intent not in CATEGORIES or meaning.confidence < sure:
        return False
    return meaning.intent != "其他" or _is_trouble(part)


def _parts(text: str, starts: Iterable[int]) -> tuple[str, ...]:
    """The text cut at `starts`, without what leads over; what is too short stays with what precedes it."""
    parts: list[str] = []
    for begin, end in _between([at for at in starts if at], len(text)):
        piece = text[begin:end]
        opened = _words().opening.match(piece.lstrip(_MARKS))
        part = piece.lstrip(_MARKS)[opened.end() if opened else 0 :].strip(_MARKS)
        if _letters(part) >= SHORTEST_PART:
            parts.append(part)
        elif parts and part:
            parts[-1] = f"{parts[-1]} {piece.strip(_MARKS)}"
    return tuple(parts)


def _joined(parts: Sequence[str], cuts: Sequence[int]) -> tuple[str, ...]:
    return tuple("\n".join(parts[begin:end]) for begin, end in _between(cuts, len(parts)))


def _standing_alone(text: str) -> tuple[str, ...]:
    """The two parts that no connector joins, each with words of its own category and of no other's."""
    ends = [end for end in _END.finditer(text) if end.start() > 0 and end.end() < len(text)]
    phrases = [text[begin:end] for begin, end in _between([end.end() for end in ends], len(text))]
    if not 1 < len(phrases) <= MOST_PHRASES:
        return ()
    spoken = [_scores(phrase) for phrase in phrases]
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for at, end in enumerate(ends, start=1):
        left, right = text[: end.start()].strip(_MARKS), text[end.end() :].strip(_MARKS)
        first = _PHRASE_END.split(right, maxsplit=1)[0]
        if min(_letters(left), _letters(right)) < SHORTEST_ALONE or not _opens_a_trouble(left, first):
            continue
        strength = _apart(_total(spoken[:at]), _total(spoken[at:]), _scores(first))
        if strength > best[0]:
            best = (strength, (left, right))
    return best[1]


def _opens_a_trouble(before: str, first: str) -> bool:
    leans = any(word in first for word in _words().leans)
    return _is_trouble(before) and _is_trouble(first) and not leans


def _apart(before: Scores, after: Scores, first: Scores) -> float:
    """How strongly two sides speak of two categories, 0 when either speaks of the other's too."""
    one, other = _top(before), _top(after)
    if not one or not other or one == other or before[other] or after[one]:
        return 0.0
    strength = min(before[one], first[other])
    return strength if strength >= LEAST_KEYWORDS else 0.0


def _total(scores: Iterable[Scores]) -> Scores:
    listed = list(scores)
    return {category: sum(one[category] for one in listed) for category in CATEGORIES}


def _between(cuts: Iterable[int], length: int) -> Iterator[tuple[int, int]]:
    return pairwise([0, *cuts, length])


def _deepest(parts: Sequence[str]) -> list[int]:
    """The cuts at which the words differ most, as many as leave MOST_PARTS."""
    spoken = [_scores(part) for part in parts]

    def depth(at: int) -> float:
        before, after = _total(spoken[:at]), _total(spoken[at:])
        return sum(abs(before[category] - after[category]) for category in CATEGORIES)

    return sorted(sorted(range(1, len(parts)), key=depth)[1 - MOST_PARTS :])


def _top(scores: Scores) -> str:
    best = max(CATEGORIES, key=lambda category: scores[category])
    return best if scores[best] else ""


def _scores(part: str) -> Scores:
    return category_scores(normalise(part))


def _is_trouble(part: str) -> bool:
    return any(word in part for word in _words().troubles)


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
