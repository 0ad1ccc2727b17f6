"""One spelling for what residents type: width, script, emoji, repeats.

Used by the application and, in Python 3.10, by Rasa's pipeline: standard library only, apart from opencc.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from opencc import OpenCC

_REPEATED = re.compile(r"([^\d])\1{2,}")
_REPEATED_MARK = re.compile(r"([^\w\s])\1+")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
_SYMBOL = {"So", "Sk", "Mn", "Me"}
_CJK = "\u3400-\u9fff"
# 不 想 活 了: spaces between single characters mean nothing, between words they stand for a comma.
_SPACED_OUT = re.compile(rf"(?:(?<=\s)|(?<=^))([{_CJK}])\s+(?=[{_CJK}](?:\s|$))")
# What is seen as it is: most texts have nothing else, and to look at each character takes long.
_ORDINARY = re.compile(r"[ -~\u3400-\u4dbf\u4e00-\u9fef，。、！？；：（）～《》“”…—]*")
_PUNCTUATION = str.maketrans(",!?;:()~", "，！？；：（）～")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """Every character that the converter changes, alone or in a phrase: few texts have one."""
    changed: set[str] = set()
    for file in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (files("opencc") / "dictionary" / file).read_text("utf-8").splitlines():
            typed, _, meant = line.partition("\t")
            changed.update(a for a, b in zip(typed, meant.split()[0], strict=True) if a != b)
    return frozenset(changed)


def _visible(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return ""
    return " " if category in _SYMBOL else character


def normalise(text: str) -> str:
    """Return `text` half-width, simplified, lower-case, without emoji and with repeats cut to two.

    Punctuation that Chinese and Western typists use alike becomes the Chinese one.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    if not _ORDINARY.fullmatch(text):
        text = "".join(map(_visible, text))
    text = text.translate(_PUNCTUATION)
    if not _traditional().isdisjoint(text):
        text = str(_simplifier().convert(text))
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _REPEATED.sub(r"\1\1", text)
    text = _SPACED_OUT.sub(r"\1", text)
    return " ".join(text.split())


def mask_numbers(text: str) -> str:
    """Return `text` with every number as 0: which number it is says nothing about the category."""
    return _DIGITS.sub("0", text)
