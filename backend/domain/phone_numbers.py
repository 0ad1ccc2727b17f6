"""Phone numbers in what people write: mainland mobiles, and landlines with their area code."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?"
    r"(?:(?P<mobile>1[3-9]\d)[ -]?\d{4}[ -]?\d{4}"
    r"|\(?(?P<area>0\d{2,3})[) -]{0,2}\d{3,4}[ -]?\d{4})(?!\d)"
)


def find(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Each number in a part of `text` (half-width)."""
    return _NUMBER.finditer(text, start, end)


def shown(found: re.Match[str]) -> str:
    """What stays of a number that was found: `138****5678`, `0571****4321`."""
    return f"{found['mobile'] or found['area']}****{found[0][-4:]}"


def digits(number: str) -> str:
    """The digits of one number, as it is dialled inside the country."""
    bare = re.sub(r"\D", "", number)
    return bare[2:] if bare.startswith("86") and len(bare) > 11 else bare
