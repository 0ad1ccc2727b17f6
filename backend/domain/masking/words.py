"""The words of `words.yml`, by which the mask tells what is personal."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _all() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return found


def characters(name: str) -> str:
    """A list of single characters, without anything between them."""
    return "".join(str(_all()[name]).split())


def among(name: str) -> str:
    """The pattern of one of a list's words, the longest first."""
    return "|".join(sorted(str(_all()[name]).split(), key=len, reverse=True))


def listed(name: str) -> frozenset[str]:
    """A list's words."""
    return frozenset(str(_all()[name]).split())


def before(name: str) -> dict[str, str]:
    """What stands before each character of a list."""
    return {str(character): str(others) for character, others in _all()[name].items()}
