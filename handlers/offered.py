"""The choices that stood beside a message, for staff: without them a resident's “1” cannot be read."""

from __future__ import annotations

from backend.conversations.views import OutgoingView
from dialogs import texts
from handlers.rendering import choices_of


def offered(view: OutgoingView) -> tuple[str, ...]:
    """`1 物业`, `2 劳资` in Chinese, with what to type for each; empty where its words list them already."""
    choices = choices_of(view)
    if not choices:
        return ()
    typed = texts.numbers(choices)
    last = f"\n{typed[-1]} {texts.label(choices[-1], view.language)}"
    if view.rendered is None or view.rendered.endswith(last):
        return ()
    return tuple(f"{number} {texts.label(one)}" for number, one in zip(typed, choices, strict=True))
