"""WeChat's published limits, and how many messages each resident may still be sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TEXT_BYTES = 2048
IMAGE_BYTES = 10 * 1024 * 1024
MEDIA_LIFE = timedelta(days=3)
TOKEN_LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)
TYPING_AFTER = timedelta(seconds=30)
WINDOWS = {
    "message": (5, timedelta(hours=48)),
    "menu": (3, timedelta(minutes=1)),
    "follow": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}


_DAY = "([0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLOCK = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
FIELDS: dict[str, Callable[[str], object]] = {
    "thing": lambda value: 1 <= len(value) <= 20 and "\n" not in value,
    "character_string": re.compile(r"[!-~]{1,32}").fullmatch,
    "number": re.compile(r"(?=.{1,32}$)[0-9]+(\.[0-9]+)?").fullmatch,
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}").fullmatch,
    "time": re.compile(f"({_DAY} )?{_CLOCK}").fullmatch,
    "date": re.compile(f"{_DAY}( {_CLOCK})?").fullmatch,
    "name": re.compile(r"[\u4e00-\u9fff]{1,10}|[A-Za-z \W]{1,20}").fullmatch,
    "phone_number": re.compile(r"[0-9+() -]{1,17}").fullmatch,
}
"""What a template's field takes, by the beginning of its name (订阅消息参数值内容限制说明)."""


class Error(Exception):
    """An errcode, which WeChat answers with HTTP 200."""

    def __init__(self, code: int, message: str = "error") -> None:
        self.code = code
        self.message = message


@dataclass
class _Window:
    what: str
    left: int
    end: datetime


@dataclass
class User:
    """A resident as the account sees them."""

    following: bool = True
    refuses: bool = False
    windows: list[_Window] = field(default_factory=list)

    def did(self, what: str, now: datetime) -> None:
        """Wrote, clicked, followed or scanned. That renews the allowance, it does not add to it."""
        count, length = WINDOWS[what]
        if what == "follow":
            self.following = True
        self.windows = [window for window in self.windows if window.what != what]
        self.windows.append(_Window(what, count, now + length))

    def wrote_since(self, then: datetime) -> bool:
        """Whether they wrote or clicked since."""
        return any(window.end - WINDOWS[window.what][1] >= then for window in self.windows)

    def use_window(self, now: datetime) -> None:
        """Count one message to them; raises 45015 or 45047."""
        opened = [window for window in self.windows if window.end > now]
        if not opened:
            raise Error(45015, "response out of time limit or subscription is canceled")
        for window in sorted(opened, key=lambda window: window.end):
            if window.left > 0:
                window.left -= 1
                return
        raise Error(45047, "out of response count limit")
