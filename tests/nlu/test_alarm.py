"""The alarm: learned anew it is the same, and its weights are all it needs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nlu import alarm, alarm_training, safety
from nlu.train import TrainError, rasa_python

HOLDOUT = Path(__file__).parents[2] / "training_data" / "holdout" / "safety.jsonl"


def test_learning_again_changes_next_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        rasa_python()
    except TrainError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    file = tmp_path / "alarm.json"
    assert alarm_training.main([str(file)]) == 0
    assert capsys.readouterr().out.endswith(f"{file}\n")
    texts = [json.loads(line)["text"] for line in HOLDOUT.read_text("utf-8").splitlines()]
    kept = [alarm.sounds(safety.clean(text)) for text in texts]
    monkeypatch.setattr(alarm, "FILE", file)
    alarm._model.cache_clear()
    again = [alarm.sounds(safety.clean(text)) for text in texts]
    alarm._model.cache_clear()
    # Ordinary sentences come and go in the training data, and another processor rounds otherwise.
    assert sum(one == other for one, other in zip(kept, again, strict=True)) >= 0.97 * len(texts)


def test_without_rasas_environment_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RASA_PYTHON", "/nowhere")
    assert alarm_training.main([]) == 1
    assert "make setup" in capsys.readouterr().err


def test_sentences_with_mistakes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sentences = tmp_path / "training_data" / "safety.yml"
    sentences.parent.mkdir()
    sentences.write_text("self_harm:\n  - 不想活了\n  - 不想活了。\n", "utf-8")
    monkeypatch.setattr(alarm_training, "ROOT", tmp_path)
    assert alarm_training.main([str(tmp_path / "alarm.json")]) == 1
    assert "safety.yml:3 repeats training_data/safety.yml:2" in capsys.readouterr().err
    assert not (tmp_path / "alarm.json").exists()


@pytest.mark.parametrize("text", ["", " ", "。。。", "〇〇〇", "a", "停" * 3000])
def test_any_text_has_an_answer(text: str) -> None:
    assert set(alarm.sounds(text)) <= set(alarm.KINDS)


def test_runs_know_boundaries_and_no_numbers() -> None:
    assert alarm.runs("打，110") == {"|", "打", "0", "|打", "打|", "|0", "0|"}


def test_length_alone_is_no_alarm() -> None:
    assert alarm.sounds("电梯坏了没人修" * 200) == alarm.sounds("电梯坏了没人修") == ()
