"""Search in Chinese text by bigrams, which need no dictionary and no extension of PostgreSQL."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def terms(text: str) -> list[str]:
    """Latin words and numbers whole, everything else as overlapping pairs of characters."""
    found: list[str] = []
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if run.isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def document(*texts: str) -> str:
    """What `to_tsvector('simple', …)` is given for a case."""
    return " ".join(term for text in texts for term in terms(text))


def query(text: str) -> str | None:
    """What `to_tsquery('simple', …)` is given for somebody's words; None when they hold nothing."""
    found = terms(text)
    return " & ".join(f"{term}:*" for term in found) if found else None
