"""Cross-validation over the project's own sentences: each is judged by a model that has not seen it."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from nlu.evaluation.answers import Answer, ask
from nlu.evaluation.examples import Example, read_sentences, write_sentences
from nlu.evaluation.serving import served
from nlu.evaluation.workplace import experiments_directory
from nlu.train import CONFIG, ROOT, SENTENCES, train_model
from nlu.understanding import CATEGORIES

SEED = 1


def split(sentences: Sequence[str], count: int, seed: int = SEED) -> list[list[str]]:
    """Deal sentences at random, always alike for a seed, into `count` parts that differ by one at most."""
    shuffled = list(sentences)
    random.Random(seed).shuffle(shuffled)  # noqa: S311
    return [shuffled[start::count] for start in range(count)]


def cross_validate(count: int, say: Callable[[str], None]) -> list[list[Answer]]:
    """Train and ask `count` models; return each one's answers to the category sentences it was not shown.

    Folds are stratified: each has its part of every category. Dialogue intents are learned along, whole.

    Raises:
        TrainError: a model could not be trained or served.

    """
    sentences = read_sentences(ROOT / SENTENCES)
    parts = {category: split(sentences[category], count) for category in CATEGORIES}
    answers = []
    for number in range(count):
        say(f"Fold {number + 1} of {count}")
        held_out = [
            Example(text, category, f"fold {number + 1}")
            for category, dealt in parts.items()
            for text in dealt[number]
        ]
        learned = sentences | {
            category: [text for other, part in enumerate(dealt) if other != number for text in part]
            for category, dealt in parts.items()
        }
        answers.append(_fold(learned, held_out, say))
    return answers


def _fold(learned: dict[str, list[str]], held_out: list[Example], say: Callable[[str], None]) -> list[Answer]:
    log = experiments_directory() / "cross-validation.log"
    with tempfile.TemporaryDirectory(dir=log.parent) as directory:
        shown, model = Path(directory) / "sentences", Path(directory) / "model.tar.gz"
        shown.mkdir()
        write_sentences(shown / "nlu.yml", learned)
        train_model(model, log, say, sentences=shown, config=ROOT / CONFIG)
        with served(model) as server:
            return asyncio.run(ask(server.url, held_out))
