"""Reads what residents type: numbers of choices, amounts, people, phones, names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import cn2an

from dialogs.languages import DEFAULT_LANGUAGE, is_chinese
from dialogs.messages import Choice
from dialogs.texts import label, numbers
from dialogs.words import is_among, plain, vocabulary

MOST_CHOICES = 20
"""A larger number is never the number of a choice: 88 is goodbye, 110 is the police."""

_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})?([2-9]\d{6,7})(?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-—－_()]+(?=\d)")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_PHRASE_END = re.compile(r"[\s\uff0c\u3002\uff01\uff1f\uff1b\u3001,.!?;]+")
_LONGEST_NUMBER = 16
_MOBILE_DIGITS = 11
_LONGEST_NAME = 4
_NO_NAMES = ("yes", "no", "unknown", "nothing")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


def letters(text: str) -> int:
    """How many letters or characters of any script a text has; digits, marks and emoji do not count."""
    return sum(c.isalpha() for c in text)


def bare_number(text: str) -> int | None:
    """The number when a text is nothing but the number of a choice: 1, １, ①, 一, 1., 选1, 第一个."""
    rest = _without("number", plain(text))
    chinese: list[str] = vocabulary()["number"]["chinese"]
    if rest in chinese:
        return chinese.index(rest)
    if rest.isascii() and rest.isdecimal() and len(rest) <= 2 and int(rest) <= MOST_CHOICES:
        return int(rest)
    return None


def choice_in(text: str, choices: Sequence[Choice], language: str = DEFAULT_LANGUAGE) -> str:
    """The id of the choice that a text names by its number, its words, or both; empty when none."""
    number, said = bare_number(text), plain(text)
    for shown, choice in zip(numbers(choices), choices, strict=True):
        words = plain(label(choice, language))
        if str(number) == shown or said in (words, shown + words):
            return choice.id
    return ""


def amount(text: str) -> str | None:
    """Yuan as plain digits from 8000元, 3.5万, 三万二, 两千八; None when it cannot be told exactly."""
    value = "".join(unicodedata.normalize("NFKC", text).lower().split()).rstrip("。.!")
    for typed, meant in vocabulary()["amount"]["spelling"].items():
        value = value.replace(typed, meant)
    return _numeral(_without("amount", value))


def people(text: str) -> str | None:
    """How many people, as digits, from 3, 三个人, 就我一个; None when it cannot be told exactly."""
    if plain(text) in vocabulary()["people"]["alone"]:
        return "1"
    counts = (_numeral(_without("people", plain(said))) for said in (text, *phrases(text)))
    value = next((count for count in counts if count), None)
    if value is None and not passes_on(text) and (heads := _found("heads", text)):
        value = _numeral(heads[1])
    return value if value and value.isdecimal() else None


def mentions_a_sum(text: str) -> bool:
    """Whether a text holds a sum of money, however vague: 大概三万多, 他就给了五百."""
    return _found("sum", text) is not None


def mentions_heads(text: str) -> bool:
    """Whether a text says how many people, however vaguely: 七八个吧, 二十多个农民工."""
    return people(text) is not None or _found("some_heads", text) is not None


def phrases(text: str) -> list[str]:
    """The phrases of a text, between spaces and marks."""
    return [phrase for phrase in _PHRASE_END.split(text) if phrase]


def phone(text: str) -> str | None:
    """A mobile (11 digits) or landline number, area code optional, in digits; None when there is none."""
    digits = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    if found := _MOBILE.search(digits):
        return found[1]
    if found := _LANDLINE.search(digits):
        return (f"{found[1]}-" if found[1] else "") + found[2]
    return None


def contact(text: str) -> dict[str, str]:
    """The phone number of a text that gives nothing else, and a name beside it: 还是留个电话吧 138… 张建国.

    A number of seven or eight digits alone may as well be a sum or a date.
    """
    number = phone(text)
    if number is None or (number.isdecimal() and len(number) < _MOBILE_DIGITS and not letters(text)):
        return {}
    if is_chinese(text):
        rest = _without("gives_phone", "".join(c for c in plain(text) if c.isalpha()))
        named = name(rest)
    else:
        rest, named = "".join(_besides_noise(text)), _foreign_name(text)
    if rest and not named:
        return {}
    return {"phone": number, **({"name": named} if named else {})}


def wants_phone(text: str) -> bool:
    """Whether a text only says that a phone number is still to be given: 我没留电话, 加个电话."""
    named = any(word in text for word in vocabulary()["fields"]["phone"])
    return named and not any(map(str.isdecimal, text)) and not _without("gives_phone", plain(text))


def own_name(text: str) -> str:
    """The name of somebody who says it by itself: 我叫张建国; empty for 我叫他赔钱."""
    introduced, words = plain(text), vocabulary()["name"]
    begun = next((word for word in words["own"] if introduced.startswith(word)), "")
    known = bool(begun) and introduced.removeprefix(begun)[:1] in words["surnames"]
    return name(text) if known else ""


def contact_after(text: str) -> tuple[str, str] | None:
    """An answer and the phone number given after it (去年，我电话138…); None when it may be of the answer."""
    for end in _PHRASE_END.finditer(text):
        answer, rest = text[: end.start()], text[end.end() :]
        if contact(rest):
            return None if any(word in answer for word in vocabulary()["fields"]["phone"]) else (answer, rest)
    return None


def names_a(kind: str, text: str) -> bool:
    """Whether a phrase of a text ends as the name of such a thing does: 金桂苑小区3号楼, 物业换人的时候."""
    endings = tuple(vocabulary()["endings"].get(kind, ()))
    return any(plain(phrase).endswith(endings) for phrase in phrases(text))


def says_since(text: str) -> bool:
    """Whether a text holds a moment (楼上搬来以后就没消停过) or begins with a time (拖了三年了工资没给)."""
    held = any(word in plain(text) for word in vocabulary()["moments"])
    return held or _found("duration", text) is not None


def asks(text: str) -> bool:
    """Whether a text certainly asks something: 你们收费吗, 我想问一下要带什么."""
    return holds("asks", text.strip())


def holds(pattern: str, text: str) -> bool:
    """Whether a text holds what one of the vocabulary's patterns describes."""
    return _found(pattern, text) is not None


def address(text: str) -> str:
    """The parts of an address, when a text gives nothing else: 在3号楼那边; 3号 alone is a day."""
    said = _doors(_without("address_answer", "".join(unicodedata.normalize("NFKC", text).split())))
    parts = list(_patterns()["part"].finditer(said))
    day = [part["unit"] for part in parts] == [vocabulary()["day"]]
    return "" if day or "".join(part[0] for part in parts) != said else said


def amended(place: str, said: str) -> str:
    """A place with the parts of an address in `said` (9号楼) in the place of its own; else `said` itself."""
    whole = _doors("".join(unicodedata.normalize("NFKC", said).split()))
    parts = list(_patterns()["part"].finditer(whole))
    if not parts or "".join(part[0] for part in parts) != whole:
        return said
    for part in parts:
        kind = _kind_of_part(part)
        known = [old for old in _patterns()["part"].finditer(place) if _kind_of_part(old) == kind]
        where = known[0].span() if known else (len(place), len(place))
        place = place[: where[0]] + part[0] + place[where[1] :]
    return place


def _doors(address: str) -> str:
    """An address whose door has a unit too: 1单元302室."""
    return _patterns()["bare_door"].sub(lambda door: f"{door[1]}{vocabulary()['door_unit']}", address)


def _kind_of_part(part: re.Match[str]) -> str:
    groups: dict[str, list[str]] = vocabulary()["parts"]
    return next(kind for kind, units in groups.items() if part["unit"] in units)


def denies(text: str) -> bool:
    """Whether a text begins with a denial (没有打过我) that is no short time (没几天, 没多久)."""
    return _found("denial", text) is not None


def named_matter(text: str) -> str:
    """The words with which an answer may name one of several matters: 先说电梯的事."""
    return _without("matter_answer", plain(text))


def category_name(text: str) -> str:
    """The one name that an answer may give of a category: 应该算物业吧."""
    return _without("category_answer", plain(text))


def passes_on(text: str) -> bool:
    """Whether a text begins as people do who pass on to another matter: 还有, 另外, 对了."""
    return plain(text).startswith(tuple(vocabulary()["passes_on"]))


def passed_on(text: str) -> tuple[str, str] | None:
    """What is said before a text passes on to another matter, and that matter; None when it does not."""
    for end in _PHRASE_END.finditer(text):
        rest = text[end.end() :]
        if word := max((w for w in vocabulary()["passes_on"] if rest.startswith(w)), key=len, default=""):
            matter = rest.removeprefix(word)
            start = _PHRASE_END.match(matter)
            return text[: end.start()], matter[start.end() :] if start else matter
    return None


def guesses(text: str) -> bool:
    """Whether a text gives at least a guess: 记不清了大概春节后."""
    said = plain(text)
    return any(hedge in said and not said.endswith(hedge) for hedge in vocabulary()["hedges"])


def is_angry(text: str) -> bool:
    """Whether a text holds words of anger."""
    said = plain(text)
    return any(word in said for word in vocabulary()["anger"])


def name(text: str) -> str:
    """A person's name in an answer to the question for a phone; empty when there is none to be sure of."""
    if not is_chinese(text):
        return _foreign_name(text)
    words: dict[str, Any] = vocabulary()["name"]
    rest = "".join(c for c in text if c.isalpha())
    for noise in words["noise"]:
        rest = rest.replace(noise, "")
    introduced = next((w for w in words["before"] if rest.startswith(w)), "")
    rest = rest.removeprefix(introduced)
    if any(is_among(group, rest) for group in _NO_NAMES):
        return ""
    known = bool(introduced) or rest[:1] in words["surnames"]
    return rest if known and (1 if introduced else 2) <= len(rest) <= _LONGEST_NAME else ""


def _foreign_name(text: str) -> str:
    """A name in other letters: introduced as one, or every word of it with a capital."""
    words: dict[str, Any] = vocabulary()["foreign_name"]
    said = _besides_noise(text)
    if not 1 <= len(said) <= _LONGEST_NAME or any(is_among(group, " ".join(said)) for group in _NO_NAMES):
        return ""
    introduced = any(plain(text).startswith(before) for before in words["before"])
    return " ".join(said) if introduced or all(word[0].isupper() for word in said) else ""


def _besides_noise(text: str) -> list[str]:
    """The words of a text in other letters that are not said around a name or a phone number anyway."""
    noise = vocabulary()["foreign_name"]["noise"]
    return [word for word in _WORD.findall(text) if plain(word) not in noise]


def _found(pattern: str, text: str) -> re.Match[str] | None:
    return _patterns()[pattern].search(unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in vocabulary()["patterns"].items()}


def _without(group: str, text: str) -> str:
    """`text` without the group's words around it, as often as there are any."""
    words = vocabulary()[group]
    while True:
        before = max((w for w in words["before"] if text.startswith(w)), key=len, default="")
        after = max((w for w in words["after"] if text.endswith(w)), key=len, default="")
        if not (before or after):
            return text
        text = text.removeprefix(before).removesuffix(after)


def _numeral(text: str) -> str | None:
    """A plain decimal from Arabic or Chinese numerals or a mixture, None when it is neither."""
    if not text or len(text) > _LONGEST_NUMBER or _found("vague", text):
        return None
    try:
        value = Decimal(text) if _NUMBER.fullmatch(text) else Decimal(str(cn2an.cn2an(text, "smart")))
    except (ValueError, InvalidOperation):
        return None
    return f"{value.normalize():f}" if value.is_finite() else None
