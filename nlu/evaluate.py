"""How well the model, behind its real server, sorts labelled texts: `python -m nlu.evaluate FILE`."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from nlu.client import NluClient
from nlu.evaluation import page
from nlu.evaluation.answers import Answer, ask
from nlu.evaluation.examples import Example, read_examples
from nlu.evaluation.figures import confusion, macro_f1
from nlu.evaluation.folds import cross_validate
from nlu.evaluation.lines import lines
from nlu.server import running_server
from nlu.train import TrainError, current_hash, data_directory, train

FEWEST_FOLDS, MOST_FOLDS = 2, 20


def main(arguments: Sequence[str], now: datetime) -> int:
    """Print and write the report of one file or of a cross-validation, or one sentence when that fails."""
    chosen = _read(arguments)
    try:
        evaluated = _folds(chosen.folds, now) if chosen.folds else _file(chosen.file, now)
    except (OSError, ValueError, TrainError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    for line in evaluated:
        print(line)  # noqa: T201
    return 0


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlu.evaluate", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="JSON lines of text and label")
    parser.add_argument(
        "--folds", type=_fold_count, metavar="N", help="cross-validate the training sentences"
    )
    chosen = parser.parse_args(arguments)
    if (chosen.file is None) == (chosen.folds is None):
        parser.error("name either a file of labelled texts or a number of folds, not both")
    return chosen


def _fold_count(text: str) -> int:
    if not text.isdecimal() or not FEWEST_FOLDS <= int(text) <= MOST_FOLDS:
        raise argparse.ArgumentTypeError(f"folds are a number from {FEWEST_FOLDS} to {MOST_FOLDS}")
    return int(text)


def _file(path: Path, now: datetime) -> Iterator[str]:
    examples = read_examples(path)
    with _server() as url:
        model, answers = asyncio.run(_asked(url, examples))
    report = _write(answers, page.Subject(path.stem, model, now), path.stem)
    figure = macro_f1(confusion(answers))
    return chain(lines(answers), ("", f"report: {report}", f"macro_f1={figure:.3f}"))


def _folds(count: int, now: datetime) -> Iterator[str]:
    # Taken first: the figures belong to these sentences even when somebody edits them meanwhile.
    model = f"{current_hash()}, one per fold"
    by_fold = cross_validate(count, _say)
    figures = tuple(macro_f1(confusion(answers)) for answers in by_fold)
    answers = list(chain.from_iterable(by_fold))
    subject = page.Subject(f"cross-validation of the training sentences, {count} folds", model, now, figures)
    report = _write(answers, subject, f"cross-validation-{count}")
    mean = statistics.fmean(figures)
    spread = f"{mean:.3f}, standard deviation {statistics.stdev(figures):.3f}"
    each = " ".join(f"{figure:.3f}" for figure in figures)
    return chain(
        lines(answers),
        (f"macro_f1_of_folds={each}; mean {spread}", "", f"report: {report}", f"macro_f1={mean:.3f}"),
    )


def _write(answers: Sequence[Answer], subject: page.Subject, name: str) -> Path:
    return page.write(page.page(answers, subject), data_directory() / "reports", f"nlu-{name}")


async def _asked(url: str, examples: Sequence[Example]) -> tuple[str, list[Answer]]:
    client = NluClient(url)
    try:
        return await client.model() or "unnamed", await ask(url, examples)
    finally:
        await client.aclose()


@contextmanager
def _server() -> Iterator[str]:
    if url := os.environ.get("NLU_URL"):
        yield url
        return
    train(say=_say)
    _say("Starting a server of the present model for this (some ten seconds; NLU_URL names another) ...")
    with running_server() as url:
        yield url


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
