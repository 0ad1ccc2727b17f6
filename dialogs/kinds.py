"""What words look like, whatever was asked: a place, a time, a sum, a number of people, a phone number."""

from __future__ import annotations

from collections.abc import Iterable

from dialogs import readers
from dialogs.languages import is_chinese
from dialogs.words import plain, vocabulary

_TYPICAL = {"since": "time", "amount": "money", "people": "people"}
"""For the questions whose answers can be told by their words: the pattern that these match."""
_MANY = 1000
"""Nobody counts so many people without saying that it is people."""


def of(text: str, entities: Iterable[tuple[str, str]] = ()) -> frozenset[str]:
    """The slots that a text looks like the answer to, none when it might be anything."""
    found = {name for name, value in entities if value and value in text}
    if readers.phone(text):
        return frozenset({"phone", *found})
    heads = readers.holds("some_heads", text) or plain(text) in vocabulary()["people"]["alone"]
    signs = {
        "place": readers.names_a("place", text)
        or readers.holds("part", text)
        or readers.holds("doors", text),
        "since": readers.says_since(text) or readers.holds("date", text),
        "amount": readers.holds("unit_of_money", text) and not heads,
        "people": heads and not readers.holds("date", text),
    }
    return frozenset({*(name for name, is_one in signs.items() if is_one), *found})


def fits(slot: str, text: str) -> bool:
    """Whether a text may be an answer to this question; what is in other letters always may."""
    pattern = _TYPICAL.get(slot)
    return pattern is None or not is_chinese(text) or readers.holds(pattern, text)


def is_sum(text: str) -> bool:
    """Whether a text is a sum of money rather than a number of people: 一万三, 13000."""
    if readers.holds("some_heads", text):
        return False
    value = readers.people(text) or readers.amount(text) or ""
    return readers.holds("unit_of_money", text) or (value.isdecimal() and int(value) >= _MANY)
