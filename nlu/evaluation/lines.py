"""The evaluation as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlu.evaluation import calibration, figures, thresholds
from nlu.evaluation.answers import Answer
from nlu.evaluation.sources import Group, by_source
from nlu.understanding import CATEGORIES

_SHOWN_THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


def lines(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield everything but the last line, macro F1 itself."""
    pairs = figures.confusion(answers)
    yield "label   precision  recall      f1  support"
    for label, score in figures.scores(pairs).items():
        yield f"{label}   {score.precision:10.3f} {score.recall:7.3f} {score.f1:7.3f} {score.support:8d}"
    if groups := by_source(answers):
        yield from ("", "source: right / all, and what was taken for what")
        yield from map(_source, groups)
    yield from ("", "confusion: rows are the truth, columns the answer")
    yield "        " + "  ".join(CATEGORIES)
    for truth in CATEGORIES:
        yield f"{truth}  " + " ".join(f"{pairs[truth, answer]:5d}" for answer in CATEGORIES)
    yield from ("", "threshold: one category is proposed, or two are named; the rest is surely 其他")
    yield "threshold  proposed  right of these  two named  right one among them"
    for threshold in _SHOWN_THRESHOLDS:
        step = thresholds.step(answers, threshold)
        proposed = f"{step.proposed:8.3f}  {_or_none(step.right):>14}"
        yield f"{threshold:9.2f}  {proposed}  {step.named:9.3f}  {_or_none(step.held):>20}"
    low, high = figures.interval(pairs)
    yield ""
    yield f"top_2={figures.top_two(answers):.3f}"
    yield f"ece={calibration.expected_calibration_error(answers):.3f}"
    yield f"brier={calibration.brier_score(answers):.3f}"
    yield f"macro_f1_interval_95={low:.3f}..{high:.3f}"


def _source(group: Group) -> str:
    wrong = [f"{truth}>{answer} {count}" for (truth, answer), count in group.mistakes]
    return f"{group.name}: {group.right} / {group.count}  {', '.join(wrong)}".rstrip()


def _or_none(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
