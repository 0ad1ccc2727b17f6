"""Case numbers as residents and staff read them: FQ2026-000123."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"FQ\s*(\d{4})\s*[-—－]?\s*(\d{6})(?!\d)", re.IGNORECASE)


def format_number(year: int, sequence: int) -> str:
    """The number of the `sequence`-th case of `year` (Shanghai's year)."""
    return f"FQ{year}-{sequence:06d}"


def find_number(text: str) -> str | None:
    """The first case number in a text that somebody typed, in its canonical form."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", text))
    return format_number(int(found[1]), int(found[2])) if found else None
