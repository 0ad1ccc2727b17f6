"""Search in Chinese text by characters and pairs of them: no dictionary, no extension of PostgreSQL."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import chain

from backend.domain.phone_numbers import digits
from backend.domain.private_numbers import joined, parted

_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_WHOLE_NUMBER = re.compile(r"0\d{9,11}|1[3-9]\d{9}|[1-9]\d{14}(?:\d{0,4}|\d\dx)")


def terms(text: str) -> list[str]:
    """Latin words and numbers whole, everything else as overlapping pairs of characters."""
    found: list[str] = []
    for run in _runs(text):
        if run.isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def document(*texts: str, phones: tuple[str, ...] = ()) -> str:
    """What `to_tsvector('simple', …)` is given for a case: every pair, and every character alone.

    Phone numbers, `phones` and those in the texts, and cards' are found only by the whole number:
    its beginning must not give away what pages mask.
    """
    parts = [parted(_plain(text)) for text in texts]
    characters = [c for words, _ in parts for run in _runs(words) if not run.isascii() for c in run]
    pairs = [term for words, _ in parts for term in terms(words)]
    contacts = (digits(phone) for phone in phones if phone)
    numbers = map(_whole, chain(contacts, *(told for _, told in parts)))
    return " ".join(dict.fromkeys([*pairs, *characters, *numbers]))


def query(text: str) -> str | None:
    """What `to_tsquery('simple', …)` is given for somebody's words; None when they hold nothing."""
    found = terms(text)
    return " & ".join(map(_asked, found)) if found else None


def _asked(term: str) -> str:
    return f"({term}:* | {_whole(term)})" if _WHOLE_NUMBER.fullmatch(term) else f"{term}:*"


def _whole(number: str) -> str:
    # The letter keeps it apart from every word that somebody types.
    return "þ" + hashlib.sha256(number.encode()).hexdigest()[:32]


def _runs(text: str) -> list[str]:
    return _WORD.findall(joined(_plain(text)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
