"""Answers as a test needs them."""

from __future__ import annotations

from collections.abc import Mapping

from nlu.evaluation.answers import Answer
from nlu.evaluation.examples import Example
from nlu.understanding import Understanding, category_ranking


def answer(
    truth: str,
    shares: Mapping[str, float],
    *,
    source: str = "",
    text: str = "x",
    intent: str = "",
    confidence: float | None = None,
) -> Answer:
    """An answer whose categories have these shares; the intent is the likeliest unless it is told."""
    ranking = category_ranking(shares)
    sure = ranking[0][1] if confidence is None else confidence
    return Answer(Example(text, truth, source), Understanding(intent or ranking[0][0], sure, ranking))


def taken(truth: str, category: str, share: float = 0.6, **more: str) -> Answer:
    """An answer of which only the likeliest category matters; the rest is shared alike."""
    rest = (1 - share) / 4
    shares = dict.fromkeys(("物业", "劳资", "家事", "邻里", "其他"), rest)
    return answer(truth, shares | {category: share}, **more)  # type: ignore[arg-type]
