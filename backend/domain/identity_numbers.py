"""Identity card numbers in what people write: 18 characters after GB 11643-1999, and the older 15 digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain

_REST = r"(?:[ -]?\d)"
_PATTERNS = (
    # A lookahead, so that what turns out to be no card hides none that begins within it.
    re.compile(rf"(?<!\d)(?=([1-9]{_REST}{{16}}[ -]?(?:[Xx]|\d(?![\dXx]))))"),
    re.compile(rf"(?<!\d)(?=([1-9]{_REST}{{14}})(?![\dXx]))"),
)
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|9\d")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where each number begins and ends in `text` (half-width), with the separators in it; none overlap."""
    done = 0
    candidates = chain.from_iterable(pattern.finditer(text) for pattern in _PATTERNS)
    for start, end in sorted((found.span(1) for found in candidates), key=lambda span: (span[0], -span[1])):
        if start >= done and is_identity_number(bare(text[start:end])):
            yield start, end
            done = end


def bare(number: str) -> str:
    """A number without its separators: `33010619900101123X`."""
    return re.sub(r"[ -]", "", number).upper()


def shown(number: str) -> str:
    """What stays of a bare number: `3301**********123X`."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def is_identity_number(number: str) -> bool:
    """Whether a bare number can be a card's: its province and its day of birth.

    Else it is the number of an order or an account. The check digit is not asked for: who mistypes a digit
    has written a card's number all the same.
    """
    born = f"19{number[6:12]}" if len(number) == 15 else number[6:14]
    return _PROVINCE.match(number) is not None and _is_day(born)


def _is_day(digits: str) -> bool:
    try:
        return 1850 <= date.fromisoformat(digits).year < 2050
    except ValueError:
        return False
