"""What the fields of templates and subscription notices take, by the beginning of their names.

Documentation of service accounts, 类目模板消息 and 订阅通知, 参数值内容限制说明. What does not fit is
shortened where that keeps its sense, else the notice cannot be used: WeChat would answer 47003.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dialogs.texts import shorten

_NAME = re.compile(r"([a-z]+(?:_[a-z]+)*)[0-9]{0,2}")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_HAN = r"\u4e00-\u9fff"
_CLOCK = r"[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?"
_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}\u5e74[0-9]{1,2}\u6708[0-9]{1,2}\u65e5"
"""2026-03-04, or the same with the Chinese words for year, month and day."""


class Unfit(ValueError):
    """A value that this field does not take; the text is the field's name."""


def _short(length: int) -> Callable[[str], str]:
    return lambda value: shorten(value, length)


def _only(pattern: str) -> Callable[[str], str]:
    expression = re.compile(pattern)
    return lambda value: value if expression.fullmatch(value) else ""


def _phrase(value: str) -> str:
    return "".join(re.findall(f"[{_HAN}]", value))[:5]


def _name(value: str) -> str:
    han = "".join(re.findall(f"[{_HAN}]", value))
    return han[:10] if han else _only(r"[A-Za-z .·'-]{1,20}")(value)


_KINDS: Mapping[str, Callable[[str], str]] = {
    "thing": _short(20),
    "short_thing": _short(5),
    "character_string": _only(r"[!-~]{1,32}"),
    "number": _only(r"(?=.{1,32}$)[0-9]+(\.[0-9]+)?"),
    "letter": _only(r"[A-Za-z]{1,32}"),
    "symbol": _only(r"[^\w\s]{1,5}"),
    "time": _only(rf"(({_DAY}) )?{_CLOCK}(~(({_DAY}) )?{_CLOCK})?"),
    "date": _only(rf"({_DAY})( {_CLOCK})?(~({_DAY})( {_CLOCK})?)?"),
    "amount": _only(r"[^\w\s]?[0-9]{1,10}(\.[0-9]+)?\u5143?"),
    "phone_number": _only(r"[0-9+() -]{1,17}"),
    "car_number": _short(8),
    "name": _name,
    "phrase": _phrase,
    "const": _short(20),
    "enum": _short(20),
}


def kind(field: str) -> str:
    """What a field's name says that it takes: `thing` of thing12; raises Unfit."""
    match = _NAME.fullmatch(field)
    if match is None or match[1] not in _KINDS:
        raise Unfit(field)
    return match[1]


def fit(field: str, value: str) -> str:
    """The value as the field takes it; raises Unfit when nothing of it can be used."""
    fitted = _KINDS[kind(field)](_BREAKS.sub(" ", value).strip())
    if not fitted:
        raise Unfit(field)
    return fitted
