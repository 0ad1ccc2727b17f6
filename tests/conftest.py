"""What every test may ask for; the real services behind it are in tests/fixtures."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

import httpx
import pytest
from hypothesis import settings

from tests.fixtures.scratch import use_memory

# How long an example takes says something about the machine, nothing about the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Every client reads all certificates of the machine, which takes longer than most tests.
setattr(httpx._transports.default, "create_ssl_context", lru_cache(httpx.create_ssl_context))  # noqa: B010

use_memory()

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.redis",
    "tests.fixtures.settings",
    "tests.fixtures.browser",
    "tests.fixtures.stage",
    "tests.fixtures.staff",
    *(["tests.nlu.rasa_server"] if find_spec("tests.nlu.rasa_server") else []),
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a server stays in one process: the tests of a file, and those of the language model."""
    for item in items:
        of_model = "rasa_url" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("model" if of_model else item.nodeid.partition("::")[0]))
