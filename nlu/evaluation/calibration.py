"""Whether a probability means what it says: of the texts given 0.8, eight in ten should be right."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluation.answers import Answer
from nlu.understanding import CATEGORIES

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The texts whose likeliest category got a probability from `low` to `high`."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean probability of the likeliest category."""
    accuracy: float
    """Share of right answers."""


def bins(answers: Sequence[Answer]) -> list[Bin]:
    """Return the bins of equal width that hold a text, lowest first."""
    sorted_in: dict[int, list[Answer]] = {}
    for answer in answers:
        sorted_in.setdefault(min(int(answer.share * BINS), BINS - 1), []).append(answer)
    return [
        Bin(
            number / BINS,
            (number + 1) / BINS,
            len(held),
            statistics.fmean(answer.share for answer in held),
            statistics.fmean(answer.is_right for answer in held),
        )
        for number, held in sorted(sorted_in.items())
    ]


def expected_calibration_error(answers: Sequence[Answer]) -> float:
    """Return the mean gap between probability and accuracy over ten equal bins, weighted by their texts.

    ECE = Σ (nᵢ / n) · |accuracyᵢ - confidenceᵢ|: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern
    Neural Networks", ICML 2017, equation 3, on the probability of the likeliest category. 0 is perfect.
    """
    gaps = (held.count * abs(held.accuracy - held.confidence) for held in bins(answers))
    return sum(gaps) / len(answers)


def brier_score(answers: Sequence[Answer]) -> float:
    """Return the mean squared distance between the five probabilities and the truth.

    (1 / n) · Σ Σ (pᵢ - yᵢ)²: Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly
    Weather Review 78, 1950. From 0, perfect, to 2, sure and wrong; equal probabilities give 0.8.
    """
    return statistics.fmean(
        sum((answer.share_of(name) - (name == answer.truth)) ** 2 for name in CATEGORIES)
        for answer in answers
    )
