"""What a stored slot must be to be believed: a state may come from another version of the software."""

from __future__ import annotations

_DEGREES = 180


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_answer(value: object) -> bool:
    """Yes, no, or skipped."""
    return value in ("yes", "no", "")


def is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_ids(value: object) -> bool:
    return isinstance(value, list) and all(is_id(item) for item in value)


def is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def is_position(value: object) -> bool:
    """Degrees of latitude and longitude, and a label."""
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], str):
        return False
    return all(isinstance(degrees, int | float) and abs(degrees) <= _DEGREES for degrees in value[:2])
