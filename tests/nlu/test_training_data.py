"""The sentences keep the rules of training_data/README.md: each once, of one class, our own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from nlu.evaluation.examples import read_examples, read_sentences
from nlu.normalisation import normalise
from nlu.understanding import CATEGORIES

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "training_data"
# Beside a checkout, on some machines: messages that real people wrote, for measuring only.
REAL = ROOT.parent / "shared" / "nlu" / "real_messages_dev.jsonl"
LONGEST_SHARED_RUN = 11  # characters


def bare(text: str) -> str:
    """A text as it sounds: without spaces, punctuation, width and script."""
    return "".join(filter(str.isalnum, normalise(text)))


def repeated(texts: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [text for text in texts if (key := bare(text) or text) in seen or seen.add(key)]


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of the data, a JSON line's text."""
    for path in sorted(DATA.rglob("*")):
        if path.is_file():
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                yield path, number, json.loads(line)["text"] if path.suffix == ".jsonl" and line else line


def runs(text: str) -> set[str]:
    length = LONGEST_SHARED_RUN + 1
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def test_what_counts_as_the_same_sentence() -> None:
    assert repeated(["物业費，涨了！", "物业费 涨了", "物业费没涨"]) == ["物业费 涨了"]


def test_no_category_sentence_occurs_twice_or_in_two_classes() -> None:
    sentences = read_sentences(DATA / "nlu")
    assert all(len(sentences[category]) >= 800 for category in CATEGORIES)
    assert repeated(text for category in CATEGORIES for text in sentences[category]) == []


def test_no_sentence_is_both_a_dispute_and_dialogue() -> None:
    sentences = read_sentences(DATA / "nlu")
    disputes = {bare(text) for category in CATEGORIES for text in sentences[category]}
    dialogue = [text for intent, texts in sentences.items() if intent not in CATEGORIES for text in texts]
    assert [text for text in dialogue if bare(text) in disputes] == []


def test_the_holdout_is_not_learned() -> None:
    learned = {bare(text) for texts in read_sentences(DATA / "nlu").values() for text in texts}
    held_out = [example.text for example in read_examples(DATA / "holdout" / "categories.jsonl")]
    assert repeated(held_out) == []
    assert [text for text in held_out if bare(text) in learned] == []


def test_no_run_of_twelve_characters_is_shared_with_real_messages() -> None:
    if not REAL.exists():
        pytest.skip("the real messages are not beside this checkout")
    real = set().union(*(runs(bare(example.text)) for example in read_examples(REAL)))
    # Where, not what: their words are not shown even here.
    shared = [
        f"{path.relative_to(ROOT)}:{number}" for path, number, line in lines() if runs(bare(line)) & real
    ]
    assert shared == []
