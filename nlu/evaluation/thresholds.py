"""What the form's question about the category would be, for each threshold of sureness, and how good.

The form (`dialogs/category.py`) proposes one category when the intent is one of the four the centre handles
and its probability reaches the threshold; it lists all when the intent is 其他 and reaches it; else it names
the two likeliest of the four, and 其他.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluation.answers import Answer
from nlu.understanding import CATEGORIES, Understanding

OTHER = "其他"
HANDLED = tuple(category for category in CATEGORIES if category != OTHER)
NAMED = 2
STEPS = tuple(percent / 100 for percent in range(30, 100))


@dataclass(frozen=True, slots=True)
class Step:
    """What a threshold makes of a set of texts; a share of nothing is None."""

    threshold: float
    proposed: float
    """Share of the texts for which one category is proposed."""
    right: float | None
    """Share of the proposals that are right."""
    named: float
    """Share of the texts for which two categories and 其他 are named."""
    held: float | None
    """Share of those questions that hold the right answer."""


@dataclass(frozen=True, slots=True)
class Band:
    """The texts whose sureness lies in a tenth: would one name or two have served them better?"""

    low: float
    high: float
    count: int
    right: float
    """Share for which the one category would be right."""
    held: float
    """Share for which two categories and 其他 would hold the right one."""


def sureness(meaning: Understanding) -> float:
    """Return the probability of the intent when it is a category that can be proposed, else 0."""
    return meaning.confidence if meaning.intent in HANDLED else 0.0


def names(meaning: Understanding) -> tuple[str, ...]:
    """Return the two likeliest categories of the four."""
    ranked = (name for name, _ in meaning.ranking if name in HANDLED)
    return tuple(ranked)[:NAMED]


def step(answers: Sequence[Answer], threshold: float) -> Step:
    """Return what one threshold makes of the texts."""
    proposed = [answer for answer in answers if sureness(answer.meaning) >= threshold]
    named = [
        answer
        for answer in answers
        if sureness(answer.meaning) < threshold and not _is_surely_other(answer.meaning, threshold)
    ]
    return Step(
        threshold,
        len(proposed) / len(answers),
        _share([answer.meaning.intent == answer.truth for answer in proposed]),
        len(named) / len(answers),
        _share([holds(answer) for answer in named]),
    )


def holds(answer: Answer) -> bool:
    """Whether the question that names two holds the truth; 其他 is always one of its choices."""
    return answer.truth == OTHER or answer.truth in names(answer.meaning)


def curve(answers: Sequence[Answer]) -> list[Step]:
    """Return a step for every hundredth from 0.30 to 0.99."""
    return [step(answers, threshold) for threshold in STEPS]


def bands(answers: Sequence[Answer]) -> list[Band]:
    """Return the tenths of sureness that hold a text, lowest first, without texts that propose nothing."""
    sorted_in: dict[int, list[Answer]] = {}
    for answer in answers:
        if sure := sureness(answer.meaning):
            sorted_in.setdefault(min(int(sure * 10), 9), []).append(answer)
    return [
        Band(
            tenth / 10,
            (tenth + 1) / 10,
            len(inside),
            statistics.fmean(answer.meaning.intent == answer.truth for answer in inside),
            statistics.fmean(map(holds, inside)),
        )
        for tenth, inside in sorted(sorted_in.items())
    ]


def _is_surely_other(meaning: Understanding, threshold: float) -> bool:
    return meaning.intent == OTHER and meaning.confidence >= threshold


def _share(verdicts: list[bool]) -> float | None:
    return statistics.fmean(verdicts) if verdicts else None
