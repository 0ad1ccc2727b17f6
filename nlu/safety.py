"""Danger in a resident's words: rules as data, independent of the model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from nlu.normalisation import normalise

KINDS = ("self_harm", "violence", "domestic_violence", "minors", "gathering")

# How far around a match the words may stand that make it harmless.
_NEARBY = 12
_NEGATION = re.compile(
    r"(?:没有?|不会|不是|并不|又不|不至于|别|不要|不能|不敢|不想|从没|从来没|未|无|禁止|防止|避免)[^，。！？；\s]{0,2}$"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    says: re.Pattern[str]
    unless: re.Pattern[str]
    even_negated: bool


@lru_cache(maxsize=1)
def _rules() -> tuple[re.Pattern[str], tuple[_Rule, ...]]:
    data = yaml.safe_load((Path(__file__).parent / "safety.yml").read_text("utf-8"))

    def any_of(patterns: list[str]) -> re.Pattern[str]:
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        for name, words in data["words"].items():
            joined = joined.replace(f"{{{name}}}", words)
        return re.compile(joined)

    rules = (
        _Rule(kind, any_of(rule["says"]), any_of(rule["unless"]), rule.get("negated", False))
        for kind, rule in data["kinds"].items()
    )
    return any_of(data["harmless"]), tuple(rules)


def crises(text: str) -> tuple[str, ...]:
    """Return the kinds of danger that `text` speaks of, most pressing first; usually none.

    The card and the alert that follow are cheap, a missed one is not: the past of a marriage and mere
    questions about violence at home count too. Figures of speech, trees and telephone calls do not.
    """
    harmless, rules = _rules()
    text = harmless.sub("～", normalise(text))
    return tuple(rule.kind for rule in rules if _speaks_of(rule, text))


def _speaks_of(rule: _Rule, text: str) -> bool:
    for match in rule.says.finditer(text):
        start, end = match.span()
        if rule.unless.search(text, max(0, start - _NEARBY), end + _NEARBY):
            continue
        if not rule.even_negated and _NEGATION.search(text, max(0, start - 6), start):
            continue
        return True
    return False
