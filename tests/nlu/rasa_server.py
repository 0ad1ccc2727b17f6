"""Fixture: a real Rasa server with the model of the present training data."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from nlu.server import running_server
from nlu.train import TrainError, rasa_python, train


@pytest.fixture(scope="session")
def rasa_url() -> Iterator[str]:
    """Its address. The model is trained once and kept, by the data's hash, in DATA_DIR/models."""
    try:
        rasa_python()
    except TrainError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    train(say=lambda line: print(line, flush=True))  # noqa: T201
    with running_server() as url:
        yield url
