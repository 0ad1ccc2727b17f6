"""Buttons: a question's choices under its message, what a tap on one means, and what remains after it."""

from __future__ import annotations

import re

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from dialogs.picks import SKIP
from dialogs.texts import text
from handlers.messages import Rendered

LONGEST_DATA = 64
"""Bytes of callback_data (Bot API, InlineKeyboardButton: 1-64 bytes)."""

ONE_ROW = 18
"""Characters that fit beside each other on a small phone."""

DONE = "-"
"""The data of a button that only shows what was chosen."""

_CHOSEN = "✓ "
_DATA = re.compile(r"([0-9]{1,18})([:+])(.{1,63})", re.DOTALL)
_ONCE, _AGAIN = ":", "+"
"""After the prompt's id: the keyboard goes with the first tap, or stays (a rating can be changed)."""


def choices(message: Rendered) -> InlineKeyboardMarkup | None:
    """The choices of a message as buttons, and what leaves its question below them.

    None without choices, or when one does not fit into a button.
    """
    mark = _AGAIN if message.kind == "survey" else _ONCE
    buttons = []
    for choice, label, number in zip(message.choices, message.labels, message.numbers, strict=True):
        data = f"{message.id}{mark}{choice.id}"
        if len(data.encode()) > LONGEST_DATA:
            return None
        buttons.append(InlineKeyboardButton(text=f"{number} {label}", callback_data=data))
    if not buttons:
        return None
    beside = len(buttons) <= 3 and sum(len(button.text) for button in buttons) <= ONE_ROW
    rows = [buttons] if beside else [[button] for button in buttons]
    if message.skip:
        rows.append([InlineKeyboardButton(text=message.skip, callback_data=f"{message.id}{_ONCE}{SKIP}")])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def numbered(message: Rendered) -> str:
    """The choices of a message as lines to answer with a digit, for when they cannot be buttons."""
    lines = zip(message.numbers, message.labels, strict=True)
    return "".join(f"\n{number} {label}" for number, label in lines)


def read(data: str) -> tuple[int, str] | None:
    """The prompt and the choice that a button stands for; None for anything that is none of ours."""
    found = _DATA.fullmatch(data)
    return (int(found[1]), found[3]) if found else None


def after_tap(keyboard: InlineKeyboardMarkup, data: str) -> InlineKeyboardMarkup | None:
    """The keyboard with the chosen answer marked, alone where the question is settled by it.

    None when nothing is to be changed.
    """
    tapped = [button for row in keyboard.inline_keyboard for button in row if button.callback_data == data]
    found = _DATA.fullmatch(data)
    if not tapped or found is None:
        return None
    if found[2] == _ONCE:
        chosen = InlineKeyboardButton(text=f"{_CHOSEN}{tapped[0].text}", callback_data=DONE)
        return InlineKeyboardMarkup(inline_keyboard=[[chosen]])
    rows = [[_marked(button, data) for button in row] for row in keyboard.inline_keyboard]
    return None if rows == keyboard.inline_keyboard else InlineKeyboardMarkup(inline_keyboard=rows)


def offers(message: Rendered) -> ReplyKeyboardMarkup | ReplyKeyboardRemove:
    """Below the conversation: what a question asks for, by a tap; else whatever was there goes."""
    language = message.language
    rows = []
    if message.asks == "phone":
        rows.append([KeyboardButton(text=text("offer.phone", language=language), request_contact=True)])
    elif message.asks == "place":
        rows.append([KeyboardButton(text=text("offer.place", language=language), request_location=True)])
    if message.skip:
        rows.append([KeyboardButton(text=message.skip)])
    if not rows:
        return ReplyKeyboardRemove(remove_keyboard=True)
    return ReplyKeyboardMarkup(keyboard=rows, resize_keyboard=True, one_time_keyboard=True)


def _marked(button: InlineKeyboardButton, data: str) -> InlineKeyboardButton:
    words = button.text.removeprefix(_CHOSEN)
    return button.model_copy(update={"text": f"{_CHOSEN}{words}" if button.callback_data == data else words})
