"""Numbers in what people write that lead to a person: phones, identity cards and bank cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain import bank_cards, identity_numbers, phone_numbers

_NARROW = str.maketrans("０１２３４５６７８９＋－（）　Ｘｘ", "0123456789+-() Xx")
"""One character for one: places in the one text are places in the other."""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    shown: str
    bare: str
    """In one spelling, in lower case."""


def masked(text: str) -> str:
    """The text with `138****5678`, `0571****4321`, `3301**********123X`; everything else as it was."""
    parts: list[str] = []
    done = 0
    for found in _find(text.translate(_NARROW)):
        parts += (text[done : found.start], found.shown)
        done = found.end
    return "".join((*parts, text[done:]))


def joined(text: str) -> str:
    """The text with each number in one spelling, without separators and 86, between spaces."""
    narrow = text.translate(_NARROW)
    parts: list[str] = []
    done = 0
    for found in _find(narrow):
        parts += (narrow[done : found.start], f" {found.bare} ")
        done = found.end
    return "".join((*parts, narrow[done:]))


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its numbers, and the numbers, each in one spelling."""
    narrow = text.translate(_NARROW)
    words: list[str] = []
    numbers: list[str] = []
    done = 0
    for found in _find(narrow):
        words.append(narrow[done : found.start])
        numbers.append(found.bare)
        done = found.end
    return " ".join((*words, narrow[done:])), tuple(numbers)


def _find(narrow: str) -> Iterator[_Found]:
    """What is found, in the order of the text: a part of a card's number is no phone."""
    done = 0
    cards = sorted((*identity_numbers.find(narrow), *bank_cards.find(narrow)))
    for start, end in (*cards, (len(narrow), len(narrow))):
        if start < done:
            continue
        for phone in phone_numbers.find(narrow, done, start):
            yield _Found(*phone.span(), phone_numbers.shown(phone), phone_numbers.digits(phone[0]))
        if start < end:
            card = identity_numbers.bare(narrow[start:end])
            yield _Found(start, end, identity_numbers.shown(card), card.lower())
        done = end
