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
SHORTEST_ITEM = 2
"""Letters of a part that names a trouble (离婚), and of any where somebody counts them up."""
SHORTEST_ALONE = 4
"""Letters of each part where no connector says that another matter begins."""
MOST_PHRASES = 40
"""Whoever writes more phrases tells one long story; its connectors are still heard."""
LEAST_KEYWORDS = 4
"""Weight of a category's words, from which a part speaks of it by itself (nlu/keywords.yml)."""
SURE = 0.9
"""Confidence of each part."""
MOST_SHARED = 0.05
"""Share of the other part's category in a part whose own is open: nobody knows which, but not that one."""
SURER = 0.95
"""The same where no connector says that another matter begins."""

Scores = Mapping[str, float]

_MARKS = " \t\r\n，。！？；：,.!?;:、"
_END = re.compile(r"[。！？!?；;\n\s]+")
_END_OR_COMMA = re.compile(r"[。！？!?；;，,\n\s]+")
_ITEM_ENDS = tuple(map(re.compile, (r"[；;]+", r"[。！？!?\n]+", r"[，,]+", r"\s+")))
"""Where the matters that somebody counts up may be divided, the clearest first."""
_COMMA = re.compile(r"[，,]")
_PHRASE_END = re.compile(r"[。！？!?；;，,\n\s]")


@dataclass(frozen=True, slots=True)
class Division:
    """A text in parts that may be matters of their own."""

    parts: tuple[str, ...]
    spoken: bool
    """Whether a connector says that another matter begins."""

    @property
    def sure(self) -> float:
        """How sure of each part one must be."""
        return SURE if self.spoken else SURER


@dataclass(frozen=True, slots=True)
class _Words:
    connector: re.Pattern[str]
    listing: re.Pattern[str]
    opening: re.Pattern[str]
    item: re.Pattern[str]
    announcement: re.Pattern[str]
    troubles: tuple[str, ...]
    leans: tuple[str, ...]
    goes_on: tuple[str, ...]
    leans_back: re.Pattern[str]
    leans_also: re.Pattern[str]
    unheeded: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = yaml.safe_load((Path(__file__).parent / "matters.yml").read_text("utf-8"))
    connector, preface = "|".join(data["connectors"]), "|".join(data["prefaces"])
    listing, announcement = "|".join(data["listing"]), "|".join(data["announcements"])
    return _Words(
        re.compile(connector),
        re.compile(rf"{listing}|{connector}"),
        re.compile(rf"(?:(?:{connector}|{preface})[{_MARKS}]*)*"),
        re.compile(rf"(?:(?:{listing}|{connector}|{preface})[{_MARKS}]*)*"),
        re.compile(rf"[{_MARKS}]*(?:(?:{preface})[{_MARKS}]*)*(?:{announcement})[{_MARKS}]*(?:{listing})?"),
        tuple(data["troubles"]),
        tuple(data["leans"]),
        tuple(data["goes_on"]),
        re.compile(data["leans_back"]),
        re.compile(data["leans_also"]),
        re.compile(data["unheeded"]),
    )


def division(text: str) -> Division | None:
    """Return the parts of `text` that are worth a look each; None when nothing suggests two matters."""
    announced = _words().announcement.match(text)
    if announced:
        told = text[announced.end() :]
        spoken = _parts(told, _item_starts(told)[:MOST_PHRASES], SHORTEST_ITEM)
    else:
        starts = [found.start() for found in _words().connector.finditer(text)]
        spoken = _parts(text, starts[:MOST_PHRASES], SHORTEST_PART)
    if len(spoken) > MOST_PARTS:
        spoken = _joined(spoken, _deepest(spoken))
    if len(spoken) > 1:
        return Division(spoken, spoken=True)
    alone = _standing_alone(text)
    return Division(alone, spoken=False) if alone else None


def matters(division: Division, meanings: Sequence[Understanding]) -> tuple[Matter, ...]:
    """Return the different matters that the parts surely are, in their order; none when fewer than two.

    Of one part the category may be open: then it surely is a dispute, and surely not the other one's.
    """
    parts = [Matter(part, meaning) for part, meaning in zip(division.parts, meanings, strict=True)]
    kinds = [
        "" if _is_unheeded(part.text) or (place and _leans_back(part.text)) else _kind(part, division.sure)
        for place, part in enumerate(parts)
    ]
    if division.spoken and len(known := {kind for kind in kinds if kind}) == 1:
        kinds = [kind or _open_kind(part, *known) for part, kind in zip(parts, kinds, strict=True)]
    found: dict[str, list[Matter]] = {}
    loose: list[str] = []
    last = ""
    for part, kind in zip(parts, kinds, strict=True):
        if kind:
            last = kind
            found.setdefault(kind, []).append(Matter("\n".join((*loose, part.text)), part.meaning))
            loose = []
        elif last:
            matter = found[last][-1]
            found[last][-1] = replace(matter, text=f"{matter.text}\n{part.text}")
        else:
            loose.append(part.text)
    return tuple(_whole(same) for same in found.values()) if len(found) > 1 else ()


def _whole(same: Sequence[Matter]) -> Matter:
    surest = max(same, key=lambda matter: matter.meaning.confidence)
    return Matter("\n".join(matter.text for matter in same), surest.meaning)


def _kind(part: Matter, sure: float) -> str:
    """The category that a part surely is; remarks are taken for 其他 too, so that must tell of a trouble."""
    intent, confidence = part.meaning.intent, part.meaning.confidence
    if intent not in CATEGORIES or confidence < sure:
        return ""
    return intent if intent != "其他" or _is_trouble(part.text) else ""


def _open_kind(part: Matter, other: str) -> str:
    """The likeliest category of a dispute that is surely not `other`'s, empty for anything else."""
    meaning = part.meaning
    share = dict(meaning.ranking).get(other, 1.0)
    same = meaning.intent not in CATEGORIES or share > MOST_SHARED
    goes_on = any(word in part.text for word in _words().goes_on) or _leans_back(part.text)
    return "" if same or goes_on or _is_unheeded(part.text) or not _is_trouble(part.text) else meaning.intent


def _leans_back(part: str) -> bool:
    """Whether a part goes on about whom the one before told of."""
    opens, also = _words().leans_back, _words().leans_also
    return bool(opens.match(part) or also.search(part))


def _is_unheeded(part: str) -> bool:
    """Whether a part only says that nobody cares (物业不管, 一直没人处理): no matter of its own."""
    return _words().unheeded.fullmatch(part.strip(_MARKS)) is not None


def _item_starts(told: str) -> list[int]:
    """Where the matters that somebody counts up begin: at their connectors, else at the clearest marks."""
    starts = [found.start() for found in _words().listing.finditer(told)]
    for ends in _ITEM_ENDS:
        cuts = sorted({*starts, *(found.end() for found in ends.finditer(told))})
        if len(_parts(told, cuts, SHORTEST_ITEM)) > 1:
            return cuts
    return starts


def _parts(text: str, starts: Iterable[int], shortest: int) -> tuple[str, ...]:
    """The text cut at `starts`, without what leads over; what is too short stays with its neighbour."""
    parts: list[str] = []
    short = ""
    for begin, end in _between([at for at in starts if at], len(text)):
        part = _told(text[begin:end], _words().item if shortest == SHORTEST_ITEM else _words().opening)
        if _letters(part) >= shortest or (_letters(part) >= SHORTEST_ITEM and _is_trouble(part)):
            parts.append(f"{short} {part}".strip())
            short = ""
        elif parts and part:
            parts[-1] = f"{parts[-1]} {text[begin:end].strip(_MARKS)}"
        elif part:
            short = f"{short} {part}".strip()
    return tuple(parts)


def _told(piece: str, opening: re.Pattern[str]) -> str:
    """A piece without what leads over to it."""
    piece = piece.lstrip(_MARKS)
    opened = opening.match(piece)
    return piece[opened.end() if opened else 0 :].strip(_MARKS)


def _joined(parts: Sequence[str], cuts: Sequence[int]) -> tuple[str, ...]:
    return tuple("\n".join(parts[begin:end]) for begin, end in _between(cuts, len(parts)))


def _standing_alone(text: str) -> tuple[str, ...]:
    """The two parts that no connector joins, each with words of its own category and of no other's."""
    # One comma may part two matters; a story that is told in commas goes on over them.
    marks = _END_OR_COMMA if len(_COMMA.findall(text.strip(_MARKS))) == 1 else _END
    ends = [end for end in marks.finditer(text) if end.start() > 0 and end.end() < len(text)]
    phrases = [text[begin:end] for begin, end in _between([end.end() for end in ends], len(text))]
    if not 1 < len(phrases) <= MOST_PHRASES:
        return ()
    spoken = [_scores(phrase) for phrase in phrases]
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for at, end in enumerate(ends, start=1):
        left, right = (_told(side, _words().opening) for side in (text[: end.start()], text[end.end() :]))
        first = _PHRASE_END.split(right, maxsplit=1)[0]
        if min(_letters(left), _letters(right)) < SHORTEST_ALONE or not _opens_a_trouble(left, first):
            continue
        strength = _apart(_total(spoken[:at]), _total(spoken[at:]), _scores(first))
        if strength > best[0]:
            best = (strength, (left, right))
    return best[1]


def _opens_a_trouble(before: str, first: str) -> bool:
    leans = any(word in first for word in _words().leans) or _is_unheeded(before) or _is_unheeded(first)
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
