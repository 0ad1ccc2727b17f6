"""A pipeline is measured by a server of its own model; only the training is stood in for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlu.evaluation import measured
from nlu.evaluation.pipelines import variants
from tests.nlu.test_model import HOLDOUT, LEAST_DIALOGUE, LEAST_MACRO_F1, MOST_CALIBRATION_ERROR


def test_a_pipeline_is_measured_by_its_own_server(
    trained_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []

    def train_model(model: Path, log: Path, say: object, *, sentences: Path, config: Path) -> None:
        shown.append(config.read_text("utf-8"))
        shutil.copy(trained_model, model)

    monkeypatch.setattr(measured, "train_model", train_model)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    ours = variants()[-1]
    few = tmp_path / "few.jsonl"
    few.write_text("".join((HOLDOUT / "categories.jsonl").read_text("utf-8").splitlines(True)[::20]), "utf-8")
    found = measured.measure(ours, {"few": few}, [].append)
    assert shown == [ours.configuration]
    assert found.holdout >= LEAST_MACRO_F1
    assert 0.5 < found.files["few"] <= 1
    assert found.dialogue >= LEAST_DIALOGUE
    assert 0 < found.calibration_error <= MOST_CALIBRATION_ERROR
    assert found.memory_mb > 100
    assert min(found.parse_ms, found.start_seconds) > 0
    assert list((tmp_path / "experiments").iterdir()) == []
