"""Search in Chinese text by characters and pairs of them: no dictionary, no extension of PostgreSQL."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from backend.domain.phone_numbers import digits, joined

_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_WHOLE_NUMBER = re.compile(r"0\d{9,11}|1[3-9]\d{9}")


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

    `phones` are found only by the whole number: its beginning must not give away what pages mask.
    """
    characters = [c for text in texts for run in _runs(text) if not run.isascii() for c in run]
    pairs = [term for text in texts for term in terms(text)]
    numbers = [_phone(digits(phone)) for phone in phones if phone]
    return " ".join(dict.fromkeys([*pairs, *characters, *numbers]))


def query(text: str) -> str | None:
    """What `to_tsquery('simple', …)` is given for somebody's words; None when they hold nothing."""
    found = terms(text)
    return " & ".join(map(_asked, found)) if found else None


def _asked(term: str) -> str:
    return f"({term}:* | {_phone(term)})" if _WHOLE_NUMBER.fullmatch(term) else f"{term}:*"


def _phone(number: str) -> str:
    # The letter keeps it apart from every word that somebody types.
    return "þ" + hashlib.sha256(number.encode()).hexdigest()[:32]


def _runs(text: str) -> list[str]:
    return _WORD.findall(joined(unicodedata.normalize("NFKC", text).lower()))
