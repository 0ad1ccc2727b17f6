"""Fixtures: Rasa's Python, and a real server with the model of the present training data."""

from __future__ import annotations

import os
from collections.abc import Iterator

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
def rasa_url(rasa_interpreter: str) -> Iterator[str]:
    """Its address. The model is trained once and kept, by the data's hash, in DATA_DIR/models."""
    train(say=lambda line: print(line, flush=True))  # noqa: T201
    with running_server() as url:
        yield url
