"""Where experiments keep their figures and Rasa's output."""

from __future__ import annotations

from pathlib import Path

from nlu.train import data_directory


def experiments_directory() -> Path:
    """Return DATA_DIR/experiments, made if it is not there."""
    path = data_directory() / "experiments"
    path.mkdir(parents=True, exist_ok=True)
    return path
