"""Bank card numbers in what people write: 16 to 19 digits after ISO/IEC 7812, in one row or in groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(
    # 62 is UnionPay's, 9 older cards of Chinese banks, 3 to 5 those of other networks.
    r"(?<!\d)[3-69](?:\d{15,18}|\d{5}[ -]\d{10,13}|\d{3}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?)(?![\dXx])"
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where each number begins and ends in `text` (half-width), with the separators in it; none overlap."""
    return (found.span() for found in _NUMBER.finditer(text) if _fits(re.sub(r"\D", "", found[0])))


def _fits(number: str) -> bool:
    """Whether the last digit fits the others, as in one of ten numbers of orders."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
