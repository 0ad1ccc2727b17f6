"""How many answers are right: precision, recall, F1, their mean over the classes and its interval."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.evaluation.answers import Answer
from nlu.understanding import CATEGORIES

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """How well one label is told from the others."""

    precision: float
    recall: float
    f1: float
    support: int


Confusion = Counter[tuple[str, str]]
"""How often each (truth, answer) occurred."""


def confusion(answers: Iterable[Answer]) -> Confusion:
    """Return how often each category was taken for each."""
    return Counter((answer.truth, answer.category) for answer in answers)


def scores(pairs: Confusion) -> dict[str, Score]:
    """Return a score for every category that occurs as a truth."""
    result = {}
    for label in CATEGORIES:
        right = pairs[label, label]
        support = sum(count for (truth, _), count in pairs.items() if truth == label)
        answered = sum(count for (_, answer), count in pairs.items() if answer == label)
        if support:
            f1 = 2 * right / (support + answered)
            result[label] = Score(right / answered if answered else 0.0, right / support, f1, support)
    return result


def macro_f1(pairs: Confusion) -> float:
    """Return the mean F1 over the categories that occur as a truth."""
    return statistics.fmean(score.f1 for score in scores(pairs).values())


def interval(pairs: Confusion) -> tuple[float, float]:
    """Return the 95 % interval of macro F1: percentiles of a bootstrap (Efron 1979), seeded."""
    chance = random.Random(1)  # noqa: S311
    drawn_from = list(pairs.elements())
    figures = [macro_f1(Counter(chance.choices(drawn_from, k=len(drawn_from)))) for _ in range(RESAMPLES)]
    fortieths = statistics.quantiles(figures, n=40)
    return fortieths[0], fortieths[-1]


def top_two(answers: Sequence[Answer]) -> float:
    """Return the share of texts whose category is the likeliest or the second."""
    return statistics.fmean(
        answer.truth in (name for name, _ in answer.meaning.ranking[:2]) for answer in answers
    )
