"""A complaint that begins with danger: what it is about is known, and the way to call back comes first."""

from __future__ import annotations

from typing import Any

from backend.domain.rules import OTHER
from dialogs import category
from dialogs.definition import SURE, Heard
from dialogs.filling import Filling, Slots

CARDS = ("violence", "domestic_violence", "self_harm", "minors")
"""The kinds that have a card, in the order in which cards are shown. Numbers: 110, 120, 12356, 12338."""
_AT_HOME = frozenset({"domestic_violence", "minors"})


def is_told(filling: Filling) -> bool:
    """Whether somebody is in danger in what this complaint tells."""
    return any(kind in CARDS for kind in filling.slots.get("crises", ()))


def settled(before: Slots, told: dict[str, Any], heard: Heard) -> dict[str, Any]:
    """The slots with a category, as nobody in danger is asked for one; staff look at it again."""
    kinds = told.get("crises", ())
    if "category" in told or not any(kind in CARDS for kind in kinds):
        return told
    code = _known(before) or _meant(kinds, heard) or OTHER
    return {**told, "category": code, "by_hand": True}


def is_elsewhere(filling: Filling, heard: Heard) -> bool:
    """Whether the danger is surely of another matter than the one that the complaint tells of."""
    about, told = category.of(filling), _meant(heard.understanding.crises, heard)
    return bool(about and told) and about != told


def _known(slots: Slots) -> str:
    likely = slots.get("likely") or ("",)
    return str(likely[0]) if slots.get("confidence", 0.0) >= category.CATEGORY_SURE else ""


def _meant(kinds: tuple[str, ...], heard: Heard) -> str:
    codes = {known.code for known in heard.context.categories}
    if _AT_HOME.intersection(kinds) and category.FAMILY in codes:
        return category.FAMILY
    sure = "violence" in kinds and heard.understanding.confidence >= SURE
    return category.intended(heard.understanding, heard.context) if sure else ""
