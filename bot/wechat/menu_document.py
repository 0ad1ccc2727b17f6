"""The account's menu as data: at most three buttons with five entries each, which command or open a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialogs.interrupts import COMMANDS

DOCUMENT = "wechat.menu"

BUTTONS, ENTRIES = 3, 5
BUTTON_BYTES, ENTRY_BYTES = 16, 60
"""Of UTF-8 (WeChat, 创建自定义菜单); phones show four and eight Chinese characters."""


class MenuError(ValueError):
    """The menu cannot be used; each line of the text names one place and what is wrong there."""


class Entry(BaseModel):
    """What can be tapped: a command of the conversation, or a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    type: Literal["click", "view"]
    key: str = ""
    url: str = ""


class Button(BaseModel):
    """One of the three: an entry itself, or a list of entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    type: Literal["click", "view"] | None = None
    key: str = ""
    url: str = ""
    sub_button: tuple[Entry, ...] = Field((), max_length=ENTRIES)


class _Menu(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    button: tuple[Button, ...] = Field(min_length=1, max_length=BUTTONS)


def read(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The menu as WeChat takes it; raises MenuError."""
    try:
        menu = _Menu.model_validate(document)
    except ValidationError as error:
        places = (f"{'.'.join(map(str, e['loc'])) or 'menu'}: {e['msg']}" for e in error.errors())
        raise MenuError("\n".join(places)) from None
    troubles = [trouble for place, button in enumerate(menu.button) for trouble in _button(place, button)]
    if troubles:
        raise MenuError("\n".join(troubles))
    return menu.model_dump(mode="json", exclude_defaults=True)


def keys(menu: Mapping[str, Any]) -> frozenset[str]:
    """What can be tapped in a menu: keys and addresses."""
    entries = [entry for button in menu["button"] for entry in button.get("sub_button", [button])]
    return frozenset(entry.get("key") or entry.get("url", "") for entry in entries)


def _button(place: int, button: Button) -> Iterator[str]:
    where = f"button.{place}"
    if len(button.name.encode()) > BUTTON_BYTES:
        yield f"{where}.name: longer than {BUTTON_BYTES} bytes"
    if not button.sub_button:
        yield from _entry(where, button)
    elif button.type is not None or button.key or button.url:
        yield f"{where}: a list of entries does nothing itself"
    for number, entry in enumerate(button.sub_button):
        below = f"{where}.sub_button.{number}"
        if len(entry.name.encode()) > ENTRY_BYTES:
            yield f"{below}.name: longer than {ENTRY_BYTES} bytes"
        yield from _entry(below, entry)


def _entry(where: str, entry: Button | Entry) -> Iterator[str]:
    if entry.type == "click":
        if entry.key not in COMMANDS:
            yield f"{where}.key: is one of {', '.join(sorted(COMMANDS))}"
    elif entry.type == "view":
        if not entry.url.startswith(("https://", "http://")):
            yield f"{where}.url: begins with https://"
    else:
        yield f"{where}.type: is click or view"
