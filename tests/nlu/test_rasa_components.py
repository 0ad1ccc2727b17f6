"""What the pipeline works out quickly is what scikit-learn and the encoder's package work out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from nlu.train import ROOT, server_environment

HOLDOUT = ROOT / "training_data" / "holdout"


def test_the_quick_arithmetic_is_the_libraries_own(rasa_interpreter: str) -> None:
    script = Path(__file__).with_name("same_arithmetic.py")
    files = [HOLDOUT / "categories.jsonl", HOLDOUT / "dialogue.jsonl"]
    run = subprocess.run(
        [rasa_interpreter, str(script), *map(str, files)],
        cwd=ROOT,
        env=server_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    differences = json.loads(run.stdout)
    assert differences.pop("texts") > 400
    assert differences == {name: pytest.approx(0, abs=1e-6) for name in ("tfidf", "probabilities", "vectors")}
