"""Turn an outgoing row into what a channel sends: words, and choices where the channel has buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.conversations.views import OutgoingView
from dialogs import texts
from dialogs.asks import wanted
from dialogs.definition import PURPOSE
from dialogs.messages import Choice, Prompt
from handlers.messages import Capabilities, Rendered

_SKIP = "choice.skip"
_NO_PICTURE = "chat.picture_not_shown"
_PICTURE_BEHIND = "chat.picture_behind_link"
_FOR_STAFF: Mapping[tuple[str, str], str] = {
    ("language.chosen", "en"): "for_staff.chosen_en",
    ("language.chosen", "mn"): "for_staff.chosen_mn",
    ("language.guessed", "en"): "for_staff.guessed",
    ("language.guessed", "mn"): "for_staff.guessed",
}
"""What speaks of its own language would say in Chinese what nobody said."""


def render(view: OutgoingView, capabilities: Capabilities, picture_link: str | None = None) -> Rendered:
    """The message in the words and the size of a channel; what was rendered once stays as it was.

    `picture_link` opens its picture, for a channel that shows none.
    """
    choices = choices_of(view)
    if view.rendered is not None:
        words = view.rendered
    elif view.literal is not None:
        words = texts.as_written(view.literal, view.language)
    else:
        words = texts.render(
            view.parts, choices, not capabilities.buttons, capabilities.max_bytes, view.language
        )
    picture = view.attachment_id
    if picture is not None and not capabilities.images:
        picture = None
        if view.rendered is None:
            words = f"{words}\n{_instead_of_picture(view, picture_link)}".lstrip()
    return Rendered(
        id=view.id,
        text=words,
        parts=view.parts,
        choices=choices,
        labels=tuple(texts.label(c, view.language) for c in choices),
        numbers=texts.numbers(choices),
        kind=view.kind,
        case_id=view.case_id,
        round=view.round,
        attachment_id=picture,
        created_at=view.created_at,
        asks=wanted([key for key, _ in view.parts]),
        skip=_skip(view),
        language=view.language,
    )


def tells_of_picture(words: str, language: str) -> bool:
    """Whether words say already that there is a picture, in place of showing it."""
    return any(texts.text(key, language=language) in words for key in (_PICTURE_BEHIND, _NO_PICTURE))


def _instead_of_picture(view: OutgoingView, link: str | None) -> str:
    if link is None:
        return texts.text(_NO_PICTURE, language=view.language)
    # On a line of its own a phone takes nothing else for a part of the address.
    return f"{texts.text(_PICTURE_BEHIND, language=view.language)}\n{link}"


def in_chinese(view: OutgoingView) -> str:
    """What a message of ours says, for staff: it was put into another language. Empty when that is not known.

    Its choices are listed where the resident read them as lines.
    """
    choices = choices_of(view)
    parts = [(_FOR_STAFF.get((key, view.language), key), params) for key, params in view.parts]
    last = f"\n{texts.numbers(choices)[-1]} {texts.label(choices[-1], view.language)}" if choices else ""
    try:
        return texts.render(parts, choices, view.rendered is None or view.rendered.endswith(last))
    except texts.TextError:
        # A sentence that a newer version no longer has.
        return ""


def prompt_of(view: OutgoingView) -> Prompt:
    """The question that a message asked."""
    return Prompt(
        id=view.id,
        purpose=view.purpose,
        choices=choices_of(view),
        case_id=view.case_id,
        round=view.round,
        sent_at=view.sent_at or view.created_at,
    )


def _skip(view: OutgoingView) -> str:
    """What leaves the question unanswered, where its sentence offers that; a number would be an answer."""
    if view.purpose != PURPOSE or not view.parts:
        return ""
    asked = texts.sentences(texts.DEFAULT_LANGUAGE).get(view.parts[-1][0], "")
    return texts.text(_SKIP, language=view.language) if texts.text(_SKIP) in asked else ""


def choices_of(view: OutgoingView) -> tuple[Choice, ...]:
    """The choices that a message offers."""
    return tuple(Choice(**choice) for choice in view.choices)


def stored_choice(choice: Choice) -> Mapping[str, Any]:
    """A choice as its row keeps it."""
    return {"id": choice.id, "key": choice.key, "params": dict(choice.params), "literal": choice.literal}
