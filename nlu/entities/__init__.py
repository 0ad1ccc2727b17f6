"""What a first sentence already says, so that it is not asked again; nothing when in doubt."""

from __future__ import annotations

import unicodedata

from nlu.entities.amounts import money
from nlu.entities.head_counts import head_count
from nlu.entities.parties import other_party
from nlu.entities.phones import own_number
from nlu.entities.places import place
from nlu.entities.times import since
from nlu.normalisation import normalise

LONGEST_TEXT = 2000
"""Characters that are searched: the first ones, as everything that spares a question is short."""


def entities(text: str) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs of a text, each name at most once.

    place, since and other_party as typed; amount in 元 and phone in plain digits; people in digits, or as
    typed when it is vague (十几).
    """
    text = text[:LONGEST_TEXT]
    plain = " ".join(normalise(piece) for piece in text.split())
    # 零零零零 in a number is no repetition that means nothing.
    phone, _ = own_number(unicodedata.normalize("NFKC", text))
    _, rest = own_number(plain)
    found = {
        "place": _as_typed(text, place(rest)),
        "amount": money(rest),
        "people": head_count(rest),
        "since": _as_typed(text, since(rest)),
        "phone": phone,
        "other_party": _as_typed(text, other_party(rest)),
    }
    return tuple((name, value) for name, value in found.items() if value)


def _as_typed(text: str, value: str | None) -> str | None:
    """`value`, found in normalised text, in the letters in which it was typed."""
    if not value:
        return None
    typed = unicodedata.normalize("NFKC", text)
    at = typed.lower().find(value)
    return typed[at : at + len(value)] if at >= 0 and len(typed.lower()) == len(typed) else value
