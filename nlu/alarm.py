"""How much a text sounds like danger, by its character runs: a linear model as data, without any library."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "alarm.json"
KINDS = ("self_harm", "violence", "domestic_violence", "minors", "gathering")

_LONGEST_RUN = 2
_MARKS = re.compile(r"(?:[\W_]|〇)+")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Model:
    """The weights of a run: for danger at all, then for each kind."""

    threshold: float
    bias: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]


@lru_cache(maxsize=1)
def _model() -> _Model:
    data = json.loads(FILE.read_text("utf-8"))
    weights = {run: tuple(values) for run, values in data["weights"].items()}
    return _Model(data["threshold"], tuple(data["bias"]), weights)


def runs(text: str) -> set[str]:
    """Return the runs of one and two characters in a cleaned text; marks and spaces are one boundary."""
    bounded = f"|{_NUMBERS.sub('0', _MARKS.sub('|', text)).strip('|')}|"
    return {
        bounded[start : start + length]
        for length in range(1, _LONGEST_RUN + 1)
        for start in range(len(bounded) - length + 1)
    }


def scale(found: set[str]) -> float:
    """Return what a run of a text counts: long texts weigh no more than short ones."""
    return 1 / math.sqrt(max(1, len(found)))


def sounds(text: str, least: float | None = None) -> tuple[str, ...]:
    """Return the kinds of danger that a cleaned text sounds like, usually none.

    `least` is the smallest probability that counts; None means the one chosen at training.
    """
    model = _model()
    least = model.threshold if least is None else least
    found = runs(text)
    share = scale(found)
    scores = list(model.bias)
    for run in found:
        for place, weight in enumerate(model.weights.get(run, ())):
            scores[place] += share * weight
    danger = 1 / (1 + math.exp(-scores[0]))
    likeliest = max(scores[1:])
    return tuple(
        kind
        for kind, score in zip(KINDS, scores[1:], strict=True)
        if danger * math.exp(score - likeliest) >= least
    )
