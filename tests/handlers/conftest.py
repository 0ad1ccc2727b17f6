"""Whole conversations are where the rule of decision 0027 would be broken."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _rule(watched_glances: None) -> None:
    """Watches every test here."""
