"""What residents wrote, without what would lead to a person: the one entrance to this package."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain.masking import numbers, people, places

LEAST_LEFT = 4
"""Characters of the resident's own words that must be left for a text to be of use."""
_PLACEHOLDERS = re.compile(
    r"某年某月某日|某(?:号码|邮箱|网址|编号|案号|车牌|账号|某|地|室|单元|号楼?|栋|幢|座|组)|[老小阿]某"
)
_WIDE_MARKS = "＠．＋－＿＃＊／"
_INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Me", "Co", "Cs"})
_DIGITS = r"0-9零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_SUSPICIOUS = re.compile(
    rf"\d{{6,}}(?!\d*\s?(?:元|块|圆))|[{_DIGITS}]{{7,}}|@|https?:|www\.|[a-z]+[\d_\-]+[a-z\d_\-]{{4,}}"
    r"|(?:身份证|银行卡|卡号|手机号|电话|微信|qq)[^，。\s]{0,4}\d{4,}",
    re.IGNORECASE,
)
_CJK = "\u3400-\u9fff"
# 王 建 国 打我: spaces between single characters mean nothing.
_SPACED_OUT = re.compile(rf"(?:(?<=\s)|(?<=^))([{_CJK}])\s+(?=[{_CJK}](?:\s|$))")
_NUMBER_OF = re.compile(r"[\da-zA-Z]{4,}")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text after masking, and whether it may still name somebody, or says too little to be of use."""

    text: str
    doubtful: bool


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """Replace what is personal in `text` by words that leave the sentence natural; rather too much.

    `known` are names, places and numbers that the case itself holds; none of them stays.
    """
    plain = _plain(text)
    private = sorted({_plain(word) for word in known} - {""}, key=len, reverse=True)
    hidden = plain
    for word in private:
        hidden = hidden.replace(word, _stand_in(word)) if len(word) > 1 else hidden
    hidden = people.masked(places.masked(numbers.masked(hidden)))
    left = _PLACEHOLDERS.sub("", hidden)
    doubtful = (
        bool(_SUSPICIOUS.search(left))
        or people.introduces_somebody(hidden)
        or any(len(word) > 1 and word in hidden for word in private)
        or sum(character.isalpha() for character in left) < LEAST_LEFT
    )
    return Masked(hidden, doubtful)


def _stand_in(word: str) -> str:
    return "某号码" if _NUMBER_OF.search(word) else people.SOMEBODY


def _plain(text: str) -> str:
    """On one line, letters and digits half-width, without what only hides others (zero-width, marks)."""
    shown = (c for c in " ".join(text.split()) if unicodedata.category(c) not in _INVISIBLE)
    return _SPACED_OUT.sub(r"\1", "".join(map(_narrow, shown)).strip())


def _narrow(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() and (plain.isalnum() or character in _WIDE_MARKS) else character
