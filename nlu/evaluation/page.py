"""The evaluation as one HTML file: pictures, tables, the worst mistakes. It holds residents' words."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nlu.evaluation import calibration, figures, thresholds
from nlu.evaluation.answers import Answer
from nlu.evaluation.plot import Plot
from nlu.evaluation.sources import by_source
from nlu.evaluation.thresholds import STEPS, Step
from nlu.understanding import CATEGORIES

WORST = 30
_TABLE_OF_THRESHOLDS = range(30, 100, 5)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was evaluated: the texts' name, the model's, the moment, macro F1 of each fold if any."""

    name: str
    model: str
    at: datetime
    folds: tuple[float, ...] = ()


def worst(answers: Sequence[Answer]) -> list[Answer]:
    """Return the 30 mistakes of which the model was surest, surest first."""
    wrong = (answer for answer in answers if not answer.is_right)
    return sorted(wrong, key=lambda answer: -answer.share)[:WORST]


def page(answers: Sequence[Answer], subject: Subject) -> str:
    """Return the page."""
    pairs, curve = figures.confusion(answers), thresholds.curve(answers)
    return _TEMPLATES.get_template("page.html").render(
        subject=subject,
        at=subject.at.astimezone(ZoneInfo("Asia/Shanghai")),
        count=len(answers),
        categories=CATEGORIES,
        pairs=pairs,
        scores=figures.scores(pairs),
        macro_f1=figures.macro_f1(pairs),
        interval=figures.interval(pairs),
        top_two=figures.top_two(answers),
        ece=calibration.expected_calibration_error(answers),
        brier=calibration.brier_score(answers),
        sources=by_source(answers),
        bins=calibration.bins(answers),
        curve=curve,
        steps=[thresholds.step(answers, percent / 100) for percent in _TABLE_OF_THRESHOLDS],
        bands=thresholds.bands(answers),
        worst=worst(answers),
        mistakes=sum(not answer.is_right for answer in answers),
        reliability=Plot(left=52, top=12, width=336, height=250),
        quality=Plot(left=52, top=12, width=336, height=180, least=STEPS[0], lowest=_lowest(curve)),
        amount=Plot(left=52, top=12, width=336, height=110, least=STEPS[0]),
    )


def _lowest(curve: Sequence[Step]) -> float:
    """Where the picture of good and bad questions begins, so that it shows differences of a hundredth."""
    shares = [share for step in curve for share in (step.right, step.held) if share is not None]
    return min(math.floor(min(shares, default=0) * 10) / 10, 0.9)


def write(content: str, directory: Path, name: str) -> Path:
    """Put the page into `directory` under a fixed name, for its owner's eyes only; return its path.

    The last page of that name is replaced, so that residents' words do not pile up.
    """
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    (directory / ".gitignore").write_text("*\n")
    path = directory / f"{name}.html"
    # mkstemp makes a file that nobody else may read.
    handle, unfinished = tempfile.mkstemp(dir=directory)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    return Path(unfinished).replace(path)
