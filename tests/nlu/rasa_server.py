"""Fixtures: Rasa's Python, and a real server with the model of the present training data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu.server import running_server
from nlu.train import TrainError, rasa_python, train


@pytest.fixture(scope="session")
def rasa_interpreter() -> str:
    """The path of Rasa's Python; without one the test is skipped, in CI it fails."""
    try:
        return rasa_python()
    except TrainError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def trained_model(rasa_interpreter: str) -> Path:
    """Its file: trained once, by whoever needs it first, and kept by the data's hash in DATA_DIR/models."""
    return train(say=lambda line: print(line, flush=True))  # noqa: T201


@pytest.fixture(scope="session")
def rasa_url(trained_model: Path) -> Iterator[str]:
    """The address of a server with that model."""
    with running_server() as url:
        yield url
