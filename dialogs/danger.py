"""A complaint that begins with danger: what it is about is known, and the way to call back comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.domain.rules import OTHER
from dialogs import category
from dialogs.definition import SURE, Heard
from dialogs.filling import Filling, Slots

CARDS = ("fire", "gas", "medical", "violence", "domestic_violence", "self_harm", "missing", "minors")
"""The kinds that have a card, in the order in which cards are shown.

Numbers: 119, 120, 110, 12356, 12338.
"""
BOTH_AT_HOME = "at_home"
"""The one card for somebody who is hurt at home together with a child."""
LASTS = timedelta(days=1)
"""So long after a card every message of somebody who waits is answered, and the number said again."""

_SAID_BY = {
    "gas": ("fire",),
    "medical": ("fire", "gas", "self_harm"),
    "violence": ("domestic_violence", "minors", "missing"),
    "minors": ("missing",),
}
"""Cards that say what another says, and more: one number is not shown twice at once."""
_ADVICE = {"fire": "fire", "gas": "fire", "medical": "medical", "self_harm": "self_harm"}
"""Which advice is repeated after a card; the others send to the police."""
_AT_HOME = frozenset({"domestic_violence", "minors"})


def cards(kinds: Iterable[str]) -> tuple[str, ...]:
    """The cards for what a message tells of, in their order; none says only what another says."""
    told = set(kinds)
    shown = [kind for kind in CARDS if kind in told and not told.intersection(_SAID_BY.get(kind, ()))]
    if _AT_HOME.issubset(shown):
        shown[shown.index("domestic_violence")] = BOTH_AT_HOME
        shown.remove("minors")
    return tuple(shown)


def advice(crises: Mapping[str, datetime], now: datetime) -> str:
    """Which advice the last card calls for while the danger may last: self_harm, fire, medical or danger."""
    recent = {kind: at for kind, at in crises.items() if kind in CARDS and now - at < LASTS}
    if not recent:
        return ""
    # What was told in one message counts in the order of the cards, a life that somebody wants to end first.
    latest = max(recent.values())
    kinds = sorted((kind for kind, at in recent.items() if at == latest), key=CARDS.index)
    return _ADVICE.get("self_harm" if "self_harm" in kinds else kinds[0], "danger")


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
