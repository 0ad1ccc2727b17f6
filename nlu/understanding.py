"""What a resident's text means, as far as the machine can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# The labels of the model; a centre's own further categories are reached by choice under 其他.
CATEGORIES = ("物业", "劳资", "家事", "邻里", "其他")

# The labels of the model that are steps of a conversation; `dialogs/` says what each leads to.
DIALOGUE_INTENTS = (
    *("greeting", "thanks", "goodbye", "person", "menu", "help"),
    *("progress", "urge", "supplement", "withdraw"),
    *("cancel", "skip", "back", "yes", "no", "satisfied", "dissatisfied"),
    *("faq_materials", "faq_time", "faq_cost", "faq_privacy"),
    *("faq_bot", "faq_hours", "faq_address", "faq_legal"),
)

Source = Literal["rasa", "keywords"]


@dataclass(frozen=True, slots=True)
class Understanding:
    """One text's meaning.

    `intent` is a category or a dialogue intent and `confidence` its probability among all of them; `ranking`
    holds the five categories, best first, with probabilities that add up to 1. `entities` are (name, value)
    pairs of place, amount (元), people, since, phone and other_party; `crises` the codes of `nlu.safety`.
    `matters` are the disputes that the text surely holds when it holds more than one, in its own order.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[tuple[str, str], ...] = ()
    crises: tuple[str, ...] = ()
    source: Source = "rasa"
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several disputes in a text: the part that tells of it, and what that part means by itself."""

    text: str
    meaning: Understanding


def category_ranking(scores: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the five categories with their share of `scores`, best first; all equal when none scores."""
    total = sum(scores.get(category, 0.0) for category in CATEGORIES)
    if total <= 0:
        return tuple((category, 1 / len(CATEGORIES)) for category in reversed(CATEGORIES))
    shares = ((category, scores.get(category, 0.0) / total) for category in CATEGORIES)
    return tuple(sorted(shares, key=lambda share: -share[1]))
