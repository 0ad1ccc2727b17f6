"""Cross-validation: every sentence is judged once, by a model that has not seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nlu.evaluation import folds
from nlu.evaluation.answers import Answer
from nlu.evaluation.examples import Example, read_sentences, write_sentences
from nlu.evaluation.folds import cross_validate, split
from nlu.evaluation.serving import Served
from nlu.understanding import CATEGORIES
from tests.nlu.evaluation.given import taken

SENTENCES = {
    **{category: [f"{category}{number}" for number in range(7)] for category in CATEGORIES},
    "yes": ["是", "对 的: #1"],
    "greeting": ["你好😀"],
}


def test_parts_are_dealt_evenly_and_always_alike() -> None:
    sentences = [str(number) for number in range(17)]
    parts = split(sentences, 5)
    assert sorted(text for part in parts for text in part) == sorted(sentences)
    assert {len(part) for part in parts} == {3, 4}
    assert split(sentences, 5) == parts != split(sentences, 5, seed=2)


def test_sentences_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_sentences(tmp_path / "nlu.yml", SENTENCES)
    assert read_sentences(tmp_path) == SENTENCES


def test_each_sentence_is_judged_once_by_a_model_that_has_not_seen_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, list[str]]] = []
    asked: list[list[Example]] = []

    def train_model(model: Path, log: Path, say: object, *, sentences: Path, config: Path) -> None:
        shown.append(read_sentences(sentences))

    @contextmanager
    def served(model: Path) -> Iterator[Served]:
        yield Served("http://model", 1.0)

    async def ask(url: str, examples: list[Example]) -> list[Answer]:
        asked.append(examples)
        return [taken(example.label, example.label, text=example.text) for example in examples]

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(folds, "read_sentences", lambda directory: SENTENCES)
    for name, stand_in in {"train_model": train_model, "served": served, "ask": ask}.items():
        monkeypatch.setattr(folds, name, stand_in)
    said: list[str] = []
    answers = cross_validate(3, said.append)

    assert [len(fold) for fold in answers] == [15, 10, 10]
    judged = Counter(example.text for examples in asked for example in examples)
    assert judged == Counter(text for category in CATEGORIES for text in SENTENCES[category])
    for learned, examples in zip(shown, asked, strict=True):
        assert {intent: learned[intent] for intent in ("yes", "greeting")} == {
            intent: SENTENCES[intent] for intent in ("yes", "greeting")
        }
        for category in CATEGORIES:
            held_out = {example.text for example in examples if example.label == category}
            assert held_out and held_out | set(learned[category]) == set(SENTENCES[category])
            assert not held_out & set(learned[category])
    assert {example.source for example in asked[1]} == {"fold 2"}
    assert said == ["Fold 1 of 3", "Fold 2 of 3", "Fold 3 of 3"]
