"""How well the model, behind its real server, sorts labelled texts: `python -m nlu.evaluate FILE`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.client import NluClient
from nlu.server import running_server
from nlu.train import TrainError, train
from nlu.understanding import CATEGORIES

AT_ONCE = 4
# An evaluation waits rather than falling back to keywords.
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; `source` tells where it came from, empty when unknown."""

    text: str
    label: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one label is told from the others."""

    precision: float
    recall: float
    f1: float
    support: int


def read_examples(path: Path) -> list[Example]:
    """Read lines of {"text", "label", "source"?}.

    Raises:
        ValueError: a line is not that, or its label is not a category.

    """
    examples = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            example = Example(row["text"], row["label"], row.get("source", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}:{number} is not a line of text and label") from error
        if example.label not in CATEGORIES:
            raise ValueError(
                f"{path}:{number} has the label {example.label!r}; labels are {', '.join(CATEGORIES)}"
            )
        examples.append(example)
    if not examples:
        raise ValueError(f"{path} holds no example")
    return examples


def scores(labels: Sequence[str], answers: Sequence[str]) -> dict[str, Score]:
    """Return a score for every label that occurs among `labels`."""
    pairs = Counter(zip(labels, answers, strict=True))
    result = {}
    for label in CATEGORIES:
        right = pairs[label, label]
        support = sum(count for (truth, _), count in pairs.items() if truth == label)
        answered = sum(count for (_, answer), count in pairs.items() if answer == label)
        if support:
            f1 = 2 * right / (support + answered)
            result[label] = Score(right / answered if answered else 0.0, right / support, f1, support)
    return result


def macro_f1(labels: Sequence[str], answers: Sequence[str]) -> float:
    """Return the mean F1 over the labels that occur."""
    by_label = scores(labels, answers)
    return sum(score.f1 for score in by_label.values()) / len(by_label)


async def answers_of(url: str, examples: Sequence[Example]) -> list[str]:
    """Return the model's category for each example; dialogue intents do not compete.

    Raises:
        TrainError: the server did not answer.

    """
    client = NluClient(url, time_limit=PATIENCE)
    places = asyncio.Semaphore(AT_ONCE)

    async def answer(example: Example) -> str:
        async with places:
            meaning = await client.understand(example.text)
        if meaning.source != "rasa":
            raise TrainError(f"Rasa at {url} did not answer.")
        return meaning.ranking[0][0]

    try:
        return await asyncio.gather(*map(answer, examples))
    finally:
        await client.aclose()


def report(examples: Sequence[Example], answers: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the report; the last one is macro_f1=0.xxx."""
    labels = [example.label for example in examples]
    yield "label   precision  recall      f1  support"
    for label, score in scores(labels, answers).items():
        yield f"{label}   {score.precision:10.3f} {score.recall:7.3f} {score.f1:7.3f} {score.support:8d}"
    sources = sorted({example.source for example in examples if example.source})
    if sources:
        yield from ("", "source: right / all, and what was taken for what")
    for source in sources:
        pairs = Counter(
            (example.label, answer)
            for example, answer in zip(examples, answers, strict=True)
            if example.source == source
        )
        wrong = [f"{truth}>{answer} {count}" for (truth, answer), count in pairs.items() if truth != answer]
        yield f"{source}: {pairs.total() - _wrong(pairs)} / {pairs.total()}  {', '.join(wrong)}".rstrip()
    yield from ("", "confusion: rows are the truth, columns the answer")
    pairs = Counter(zip(labels, answers, strict=True))
    yield "        " + "  ".join(CATEGORIES)
    for truth in CATEGORIES:
        yield f"{truth}  " + " ".join(f"{pairs[truth, answer]:5d}" for answer in CATEGORIES)
    yield ""
    yield f"macro_f1={macro_f1(labels, answers):.3f}"


def _wrong(pairs: Counter[tuple[str, str]]) -> int:
    return sum(count for (truth, answer), count in pairs.items() if truth != answer)


@contextmanager
def _server() -> Iterator[str]:
    if url := os.environ.get("NLU_URL"):
        yield url
        return
    train(say=lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    with running_server() as url:
        yield url


def main(arguments: Sequence[str]) -> int:
    """Print the report of the one file named, or one sentence when that fails."""
    if len(arguments) != 1:
        print("usage: python -m nlu.evaluate FILE.jsonl", file=sys.stderr)  # noqa: T201
        return 2
    try:
        examples = read_examples(Path(arguments[0]))
        with _server() as url:
            answers = asyncio.run(answers_of(url, examples))
    except (OSError, ValueError, TrainError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    for line in report(examples, answers):
        print(line)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
