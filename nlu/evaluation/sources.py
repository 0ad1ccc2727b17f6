"""Answers by where their texts came from: a model must not tell categories by a source's style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluation.answers import Answer
from nlu.evaluation.figures import confusion
from nlu.understanding import CATEGORIES


@dataclass(frozen=True, slots=True)
class Group:
    """The texts of one source."""

    name: str
    count: int
    right: int
    labels: tuple[tuple[str, int], ...]
    """How many texts of each category it has."""
    mistakes: tuple[tuple[tuple[str, str], int], ...]
    """How often each (truth, answer) that differ, most frequent first."""


def by_source(answers: Sequence[Answer]) -> list[Group]:
    """Return a group for each source that is named, by name."""
    names = sorted({answer.example.source for answer in answers} - {""})
    return [_group(name, [answer for answer in answers if answer.example.source == name]) for name in names]


def _group(name: str, answers: Sequence[Answer]) -> Group:
    labels = Counter(answer.truth for answer in answers)
    mistakes = Counter({pair: count for pair, count in confusion(answers).items() if pair[0] != pair[1]})
    return Group(
        name,
        len(answers),
        len(answers) - mistakes.total(),
        tuple((label, labels[label]) for label in CATEGORIES if labels[label]),
        tuple(mistakes.most_common()),
    )
