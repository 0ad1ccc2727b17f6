"""Facts in a resident's words that spare a question: place, amount, people, since, phone, the other side."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import cn2an
import yaml

_SHORTEST_NAME = 2
# Characters of a message in which a lone sum or day is what it is about.
_SHORT = 60
_UNITS = {"万": 10_000, "千": 1_000, "百": 100}
_PROBABLY_A_PRICE = 100
# What is left of 长沙市 when the name before it was cut away.
_ADMIN = "省市县区镇乡"


@dataclass(frozen=True, slots=True)
class _Patterns:
    phone: re.Pattern[str]
    amount: dict[str, re.Pattern[str]]
    people: re.Pattern[str]
    alone: re.Pattern[str]
    since_told: tuple[re.Pattern[str], ...]
    since_short: tuple[re.Pattern[str], ...]
    places: tuple[re.Pattern[str], ...]
    stop: re.Pattern[str]
    generic: re.Pattern[str]
    other_party: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    data = yaml.safe_load((Path(__file__).parent / "entities.yml").read_text("utf-8"))

    def pattern(text: str) -> re.Pattern[str]:
        for name, part in data["parts"].items():
            text = text.replace(f"{{{name}}}", part)
        return re.compile(text)

    return _Patterns(
        phone=pattern(data["phone"]),
        amount={name: pattern(text) for name, text in data["amount"].items()},
        people=pattern(data["people"]),
        alone=pattern(data["alone"]),
        since_told=tuple(map(pattern, data["since"]["told"])),
        since_short=tuple(map(pattern, data["since"]["short"])),
        places=tuple(map(pattern, data["place"]["named"])),
        stop=pattern(data["place"]["stop"]),
        generic=pattern(data["place"]["generic"]),
        other_party=pattern(data["other_party"]),
    )


def extract(text: str) -> tuple[tuple[str, str], ...]:
    """Return the (name, value) pairs that `text` states beyond doubt, each name at most once.

    `amount` is yuan and `people` a number, both in digits; `phone` is digits; `place`, `since` and
    `other_party` are the resident's own words.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    found = {
        "place": _place(text),
        "amount": _amount(text),
        "people": _people(text),
        "since": _since(text),
        "phone": _phone(text),
        "other_party": _other_party(text),
    }
    return tuple((name, value) for name, value in found.items() if value)


def _phone(text: str) -> str:
    match = _patterns().phone.search(text)
    return re.sub(r"[- ]", "", match[1]) if match and match[1] else (match[2] if match else "")


def _amount(text: str) -> str:
    patterns = _patterns().amount
    sums: dict[str, list[str]] = {"total": [], "owed": [], "plain": []}
    for match in patterns["value"].finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if patterns["before"].search(before) or patterns["after"].search(after):
            continue
        value = _yuan(match["number"], match["unit"])
        if value is None or value < _PROBABLY_A_PRICE:
            continue
        # 三万五 without a unit is a sum only where a debt is told.
        kind = next((kind for kind in ("total", "owed") if patterns[kind].search(before)), "plain")
        if not match["unit"] and (kind == "plain" or not set(match["number"]) & set(_UNITS)):
            continue
        sums[kind].append(f"{value.normalize():f}")
    for kind in ("total", "owed"):
        if len(set(sums[kind])) == 1:
            return sums[kind][0]
    every = {value for values in sums.values() for value in values}
    return every.pop() if len(every) == 1 and len(text) <= _SHORT else ""


def _yuan(number: str, unit: str) -> Decimal | None:
    value = _number(number)
    return None if value is None else value * _UNITS.get(unit[:1], 1)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(str(cn2an.cn2an(text.replace(",", ""), "smart")))
    except (ValueError, ArithmeticError):
        return None


def _people(text: str) -> str:
    numbers = {_number(match["number"]) for match in _patterns().people.finditer(text)} - {None}
    if len(numbers) == 1:
        return f"{numbers.pop():.0f}"
    return "1" if not numbers and _patterns().alone.search(text) else ""


def _since(text: str) -> str:
    patterns = _patterns()
    short = patterns.since_short if len(text) <= _SHORT else ()
    for pattern in (*patterns.since_told, *short):
        found = [match["when"] for match in pattern.finditer(text)]
        if found:
            # Two such moments tell a history: which of them counts must be asked.
            return found[0] if len(set(found)) == 1 else ""
    return ""


def _place(text: str) -> str:
    """The longest place that is named, not just described."""
    return max(_places(text), key=len, default="")


def _places(text: str) -> Iterator[str]:
    patterns = _patterns()
    for pattern in patterns.places:
        for match in pattern.finditer(text):
            name = patterns.stop.sub("", match["name"]).lstrip(_ADMIN)
            if len(name) > _SHORTEST_NAME and not patterns.generic.match(name):
                yield name + match["rest"]


def _other_party(text: str) -> str:
    patterns = _patterns()
    names = {
        name + match["rest"]
        for match in patterns.other_party.finditer(text)
        if len(name := patterns.stop.sub("", match["name"]).lstrip(_ADMIN)) > _SHORTEST_NAME
    }
    return names.pop() if len(names) == 1 else ""
