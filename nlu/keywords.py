"""The answer without Rasa: weighted words for the categories, short phrases for the dialogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.normalisation import normalise
from nlu.understanding import CATEGORIES, Understanding, category_ranking

LONGEST_PHRASE = 16
# A word of this weight claims a text for its category, whatever phrase of dialogue is in it.
_STRONG = 3
_PUNCTUATION = re.compile(r"[\W_]+")
# With no word known a text is 其他, and nobody should rely on it.
_NOTHING_KNOWN = {"其他": 0.3, "物业": 0.175, "劳资": 0.175, "家事": 0.175, "邻里": 0.175}
# How much of a share the losing categories keep: one strong word alone makes about 0.9.
_CONTRAST, _SMOOTHING = 1.5, 0.4
_PHRASE_CONFIDENCE = {"exact": 0.95, "within": 0.8}


@dataclass(frozen=True, slots=True)
class _Keywords:
    weights: Mapping[str, Sequence[tuple[str, str, float]]]
    """By the first character: a text has far fewer characters than there are words."""
    exact: dict[str, str]
    within: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def _keywords() -> _Keywords:
    data = yaml.safe_load((Path(__file__).parent / "keywords.yml").read_text("utf-8"))
    weights: dict[str, list[tuple[str, str, float]]] = {}
    for category, by_weight in data["categories"].items():
        for weight, words in by_weight.items():
            for word in map(normalise, words):
                weights.setdefault(word[0], []).append((word, category, float(weight)))
    exact = {
        phrase: intent for intent, phrases in data["dialogue"].items() for phrase in phrases.get("exact", ())
    }
    within = [
        (phrase, intent)
        for intent, phrases in data["dialogue"].items()
        for phrase in phrases.get("within", ())
    ]
    # The longest phrase speaks: 不满意 before 满意.
    return _Keywords(weights, exact, tuple(sorted(within, key=lambda pair: -len(pair[0]))))


def understand(text: str) -> Understanding:
    """Return the meaning of `text` by keywords alone, without entities and crises."""
    text = normalise(text)
    scores = category_scores(text)
    ranking = category_ranking(_shares(scores))
    phrase = _phrase(text)
    if phrase and (phrase[1] >= _PHRASE_CONFIDENCE["exact"] or max(scores.values()) < _STRONG):
        return Understanding(phrase[0], phrase[1], ranking, source="keywords")
    return Understanding(*ranking[0], ranking, source="keywords")


def category_scores(text: str) -> dict[str, float]:
    """Return for each category the sum of the weights of its words in the normalised `text`."""
    found = dict.fromkeys(CATEGORIES, 0.0)
    weights = _keywords().weights
    for first in set(text) & weights.keys():
        for word, category, weight in weights[first]:
            if word in text:
                found[category] += weight
    return found


def _shares(scores: Mapping[str, float]) -> Mapping[str, float]:
    if not any(scores.values()):
        return _NOTHING_KNOWN
    return {category: score**_CONTRAST + _SMOOTHING for category, score in scores.items()}


def _phrase(text: str) -> tuple[str, float] | None:
    keywords = _keywords()
    parts = _PUNCTUATION.split(text)
    plain = "".join(parts)
    intents = {keywords.exact.get(part) for part in parts if part} if plain not in keywords.exact else set()
    intent = keywords.exact.get(plain) or (intents.pop() if len(intents) == 1 else None)
    if intent:
        return intent, _PHRASE_CONFIDENCE["exact"]
    if len(plain) <= LONGEST_PHRASE:
        for phrase, intent in keywords.within:
            if phrase in plain:
                return intent, _PHRASE_CONFIDENCE["within"]
    return None
