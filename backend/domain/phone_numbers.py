"""Phone numbers in what people write: mainland mobiles, and landlines with their area code."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?"
    r"(?:(?P<mobile>1[3-9]\d)[ -]?\d{4}[ -]?\d{4}"
    r"|\(?(?P<area>0\d{2,3})[) -]{0,2}\d{3,4}[ -]?\d{4})(?!\d)"
)
_NARROW = str.maketrans("０１２３４５６７８９＋－（）　", "0123456789+-() ")


def masked(text: str) -> str:
    """The text with `138****5678` and `0571****4321` in place of numbers; everything else as it was."""
    parts: list[str] = []
    done = 0
    for found in _NUMBER.finditer(text.translate(_NARROW)):
        kept = found["mobile"] or found["area"]
        parts += (text[done : found.start()], f"{kept}****{found[0][-4:]}")
        done = found.end()
    return "".join((*parts, text[done:]))


def joined(text: str) -> str:
    """The text with each number as its digits alone, without separators and 86, between spaces."""
    return _NUMBER.sub(lambda found: f" {digits(found[0])} ", text.translate(_NARROW))


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its numbers, and the numbers, as they were written."""
    narrow = text.translate(_NARROW)
    return _NUMBER.sub(" ", narrow), tuple(found[0] for found in _NUMBER.finditer(narrow))


def digits(number: str) -> str:
    """The digits of one number, as it is dialled inside the country."""
    bare = re.sub(r"\D", "", number)
    return bare[2:] if bare.startswith("86") and len(bare) > 11 else bare
