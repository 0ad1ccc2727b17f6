"""What every test may ask for; the real services behind it are in tests/fixtures."""

from __future__ import annotations

from importlib.util import find_spec

from hypothesis import settings

# How long an example takes says something about the machine, nothing about the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.redis",
    "tests.fixtures.settings",
    "tests.fixtures.browser",
    "tests.fixtures.stage",
    "tests.fixtures.staff",
    *(["tests.nlu.rasa_server"] if find_spec("tests.nlu.rasa_server") else []),
]
