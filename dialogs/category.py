"""The category of a complaint: what the model guesses, and what a form makes of the guess."""

from __future__ import annotations

from typing import Any

from backend.domain.rules import OTHER, Category
from dialogs.filling import Filling, Slots
from dialogs.messages import Context, Understanding
from dialogs.texts import in_language, text
from dialogs.words import plain, vocabulary

PROPERTY, LABOUR, FAMILY, NEIGHBOUR = "property", "labour", "family", "neighbour"
"""The categories that have sentences or questions of their own; a centre may add others."""

CATEGORY_SURE = 0.8
"""From here one category is proposed for a yes or no. Below, naming two costs the resident no more than a
“no” would, and holds the right one more often."""
SHORTLIST = 2


def find(code: str, context: Context) -> Category:
    """The category with this code, 其他 when the rules have none (any more)."""
    known = {category.code: category for category in context.categories}
    return known.get(code) or known.get(OTHER) or Category(OTHER, text("category.other"), "", 0)


def called(code: str, context: Context) -> tuple[str, ...]:
    """The name of a category and what residents call it."""
    return (find(code, context).name, *vocabulary()["category_called"].get(code, ()))


def named_in(said: str, context: Context) -> str:
    """The code of the category whose name is all that a text says, empty when none."""
    for known in context.categories:
        if plain(said) in (plain(known.name), plain(in_language("category", known.name, context.language))):
            return known.code
    return ""


def called_in(said: str, context: Context) -> str:
    """The code of the category that a text calls by its name or by what residents say instead: 邻居."""
    codes = (known.code for known in context.categories)
    other = next((code for code in codes if plain(said) in map(plain, called(code, context))), "")
    return named_in(said, context) or other


def intended(understanding: Understanding, context: Context) -> str:
    """The code of the category that an intent is, empty when it is 其他 or no category."""
    codes = {category.name: category.code for category in context.categories if category.code != OTHER}
    return codes.get(understanding.intent, "")


def is_told(understanding: Understanding, context: Context) -> bool:
    """Whether a text tells of a dispute: of any category that is not 其他, or surely of 其他."""
    return bool(intended(understanding, context)) or _is_other(understanding, context)


def _is_other(understanding: Understanding, context: Context) -> bool:
    """Whether it is surely 其他: then the likeliest of the others is no likelier than the rest."""
    other = find(OTHER, context).name
    return understanding.intent == other and understanding.confidence >= CATEGORY_SURE


def guess(understanding: Understanding, context: Context) -> dict[str, Any]:
    """What an understanding says of the category, as slots: likely codes, confidence, whether to trust it."""
    codes = {category.name: category.code for category in context.categories if category.code != OTHER}
    shares = [(codes[name], share) for name, share in understanding.ranking if name in codes]
    tells_apart = len({share for _, share in shares}) > 1
    ranked = [code for code, _ in shares] if tells_apart and not _is_other(understanding, context) else []
    told = intended(understanding, context)
    return {
        "likely": list(dict.fromkeys((*filter(None, (told,)), *ranked)))[:SHORTLIST],
        "confidence": understanding.confidence if told else 0.0,
        "trusted": understanding.source == "rasa",
    }


def better(slots: Slots, understanding: Understanding, context: Context) -> Slots:
    """The guess from a further message, nothing when the one in the slots is as good."""
    new = guess(understanding, context)
    surer = new["confidence"] > slots.get("confidence", 0.0)
    return new if surer or not slots.get("likely") else {}


def is_sure(filling: Filling) -> bool:
    """Whether the guess is good enough to propose one category."""
    return bool(filling.slots.get("confidence", 0.0) >= CATEGORY_SURE)


def needs_review(filling: Filling) -> bool:
    """Whether a person should check the category: guessed by keywords, unsurely, or chosen by hand."""
    return not (is_sure(filling) and filling.slots.get("trusted")) or bool(filling.slots.get("by_hand"))


def likely(filling: Filling) -> tuple[str, ...]:
    """The codes of the likeliest categories, best first."""
    return tuple(filling.slots.get("likely", ()))


def of(filling: Filling) -> str:
    """The code as far as it is known: settled, or surely guessed; empty when neither."""
    return filling.text("category") or (next(iter(likely(filling)), "") if is_sure(filling) else "")
