"""What a check found, in plain words of either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]
Level = Literal["good", "note", "warn", "wrong"]

_MARKS: Mapping[Level, str] = {"good": "✓", "note": "·", "warn": "!", "wrong": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `wrong` means that something does not work."""

    level: Level
    key: str
    params: Mapping[str, str] = field(default_factory=dict)

    def told(self, language: Language) -> str:
        """One line for an operator."""
        return f"{_MARKS[self.level]} {words()[self.key][language].format_map(dict(self.params))}"


@cache
def words() -> Mapping[str, Mapping[Language, str]]:
    """Every sentence in both languages by its key."""
    loaded: Mapping[str, Mapping[Language, str]] = yaml.safe_load(
        (Path(__file__).parent / "check_words.yml").read_text(encoding="utf-8")
    )
    return loaded


def summary(findings: Sequence[Finding]) -> Finding:
    """What all of it comes to."""
    for level, key in (("wrong", "sum.wrong"), ("warn", "sum.warned")):
        if count := sum(finding.level == level for finding in findings):
            return Finding("wrong" if level == "wrong" else "warn", key, {"count": str(count)})
    return Finding("good", "sum.good")
