"""The comparison of pipelines as a Markdown table, and its place in a page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from nlu.evaluation.examples import read_examples, read_sentences, read_utterances
from nlu.evaluation.measured import HOLDOUT, Measured
from nlu.evaluation.pipelines import Variant
from nlu.train import ROOT, SENTENCES

BEGIN, END = "<!-- comparison -->\n", "\n<!-- end -->"
_HEADINGS = ("ECE", "dialogue", "training, s", "parse, ms", "start, s", "memory, MB")

Row = tuple[Variant, Measured]


def table(rows: Sequence[Row], files: Sequence[str], now: datetime) -> str:
    """Return the figures as a Markdown table, with a line that says what and where was measured."""
    headings = ("pipeline", "holdout", *files, *_HEADINGS)
    rule = ("---", *["---:"] * (len(headings) - 1))
    measured = [(f"**{variant.name}**: {variant.title}", *_cells(figures)) for variant, figures in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (headings, rule, *measured)]
    return "\n".join([*lines, "", _note(now)])


def with_table(page: str, text: str) -> str:
    """Return the page with another table between its markers.

    Raises:
        ValueError: the page has no such markers.

    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no place for the table between {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}{text}{END}{after}"


def _cells(measured: Measured) -> list[str]:
    shares = [measured.holdout, *measured.files.values(), measured.calibration_error, measured.dialogue]
    return [
        *(f"{share:.3f}" for share in shares),
        f"{measured.training_seconds:.0f}",
        f"{measured.parse_ms:.1f}",
        f"{measured.start_seconds:.0f}",
        f"{measured.memory_mb:.0f}",
    ]


def _note(now: datetime) -> str:
    learned = sum(map(len, read_sentences(ROOT / SENTENCES).values()))
    holdout = len(read_examples(HOLDOUT / "categories.jsonl"))
    dialogue = len(read_utterances(HOLDOUT / "dialogue.jsonl"))
    day = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return (
        f"Made on {day} with {os.cpu_count()} cores: {learned} sentences learned, {holdout} messages and "
        f"{dialogue} dialogue utterances of the holdout measured."
    )
