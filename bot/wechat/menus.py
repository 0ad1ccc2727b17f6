"""Choices as a menu in a message (msgmenu), and whose choice a tap on one is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.wechat.xml_text import clean
from handlers.messages import Rendered

MOST_ITEMS = 10
HEAD_BYTES = 1024
ITEM_BYTES = 128
"""WeCom's documentation of the same menu gives these three limits; the official account's gives none."""

_PLACES = 100
_ID = re.compile(r"[1-9][0-9]{2,17}")


@dataclass(frozen=True, slots=True)
class Menu:
    """Words, and under them what can be tapped: (id, words) each."""

    head: str
    items: tuple[tuple[str, str], ...]


def menu_of(message: Rendered) -> Menu | None:
    """A question as a menu, each choice with the number that can be typed too; None when it cannot be one."""
    shown = zip(message.numbers, message.labels, strict=True)
    lines = [clean(f"{number} {label}") for number, label in shown]
    ending = "\n".join(lines)
    text = clean(message.text)
    if not 1 <= len(lines) <= MOST_ITEMS or not text.endswith(f"\n{ending}"):
        return None
    head = text.removesuffix(ending).rstrip("\n")
    fits = len(head.encode()) <= HEAD_BYTES and all(len(line.encode()) <= ITEM_BYTES for line in lines)
    if not head or not fits or any("\n" in line for line in lines):
        return None
    items = tuple((f"{message.id * _PLACES + place}", line) for place, line in enumerate(lines, start=1))
    return Menu(head, items)


def tapped(menu_id: str) -> tuple[int, int] | None:
    """Which message and which of its choices an id stands for, counted from 1; None for another's id."""
    if not _ID.fullmatch(menu_id):
        return None
    outgoing_id, place = divmod(int(menu_id), _PLACES)
    return (outgoing_id, place) if 1 <= place <= MOST_ITEMS else None
