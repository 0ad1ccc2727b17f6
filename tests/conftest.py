"""What every test may ask for; the real services behind it are in tests/fixtures."""

from __future__ import annotations

import gc
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import httpx
import pytest
from hypothesis import settings

from bot.serve import RARELY
from tests.fixtures.division import Division, put_in_order
from tests.fixtures.scratch import use_memory
from tests.fixtures.tracing import quicken_coverage, trace_what_counts

# How long an example takes says something about the machine, nothing about the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Every client reads all certificates of the machine, which takes longer than most tests.
setattr(httpx._transports.default, "create_ssl_context", lru_cache(httpx.create_ssl_context))  # noqa: B010

use_memory()
quicken_coverage()

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.redis",
    "tests.fixtures.settings",
    "tests.fixtures.browser",
    "tests.fixtures.glances",
    "tests.fixtures.stage",
    "tests.fixtures.staff",
    *(["tests.nlu.rasa_server"] if find_spec("tests.nlu.rasa_server") else []),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    put_in_order(items)


def pytest_collection_finish() -> None:
    # As where it runs (bot.serve): what is there by now stays, and each full look at it takes a second.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
    # A process of several has begun to measure anew meanwhile.
    quicken_coverage()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    trace_what_counts(item)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Division | None:
    return Division(config, log) if config.getvalue("dist") == "loadfile" else None
