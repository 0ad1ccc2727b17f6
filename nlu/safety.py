"""Words that mean danger now, told apart from words that only sound like it; independent of Rasa."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from nlu import alarm, foreign_safety
from nlu.needed import Sieve
from nlu.normalisation import normalise
from nlu.scripts import is_chinese

KINDS = ("fire", "gas", "medical", "missing", *alarm.KINDS)
"""What a text can tell of; the alarm has learned the last of them, which people do to people."""
WINDOW = 16
"""How many characters around a sign can take it back."""
SURE_DESPITE_DENIAL = 0.9
"""How likely danger must sound where the rules heard one and took it back."""
SPLIT_WORD = 2
"""A piece this short between spaces is part of a word, not a phrase."""
_BLOT = "〇"
_SENTENCE_END = re.compile(r"[。！？]")
_NAME = re.compile(r"\{([a-z_]+)\}")
_SOUND = re.compile(r"~(.)")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Sound:
    place: int
    sound: re.Pattern[str]
    meant: str


@dataclass(frozen=True, slots=True)
class _Sign:
    kind: _Kind
    sign: re.Pattern[str]
    unless: re.Pattern[str]
    needs: re.Pattern[str] | None
    without: re.Pattern[str]
    lasting: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    needs: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Rules:
    """The compiled `safety.yml`."""

    sounds: Sieve[_Sound]
    spelling: re.Pattern[str]
    meant: Mapping[str, str]
    idioms: re.Pattern[str]
    past: re.Pattern[str]
    still: re.Pattern[str]
    negation: re.Pattern[str]
    signs: Sieve[_Sign]


def crises(text: str) -> tuple[str, ...]:
    """The kinds of crisis that a text tells of, in the order of KINDS.

    The rules know what is said outright and what is denied, the alarm what they have no words for. It has
    learned Chinese: a text without any is left to the rules of other languages. An accident sounds like what
    the alarm has learned and is something else: when the rules know of one it is not asked.
    """
    foreign = foreign_safety.crises(text)
    plain = clean(text)
    if not is_chinese(plain):
        return tuple(kind for kind in KINDS if kind in foreign)
    told = _told(plain)
    accident = any(told[kind] for kind in KINDS if kind not in alarm.KINDS)
    denied = False in told.values() and True not in told.values()
    sounds = () if accident else alarm.sounds(plain, least=SURE_DESPITE_DENIAL if denied else None)
    return tuple(
        kind for kind in KINDS if told[kind] or kind in foreign or (told[kind] is None and kind in sounds)
    )


def rules_say(text: str) -> tuple[str, ...]:
    """The kinds of crisis by the rules alone."""
    told = _told(clean(text))
    return tuple(kind for kind in KINDS if told[kind])


def clean(text: str) -> str:
    """`text` in one spelling, with phrases blotted out that only sound like danger."""
    rules = _rules()
    plain = normalise(_clauses(text)).replace(" ", "")
    done = -1
    # What one has put in its place may be a part of another.
    while sound := next((one for one in rules.sounds.likely(plain) if one.place > done), None):
        plain = sound.sound.sub(partial(_meant, meant=sound.meant), plain)
        done = sound.place
    plain = rules.spelling.sub(lambda found: rules.meant[found[0]], plain)
    return rules.idioms.sub(lambda found: _BLOT * len(found[0]), plain)


def _meant(found: re.Match[str], meant: str) -> str:
    """What was found with what is meant in the place of its brackets, or of the whole."""
    start, end = found.span(found.re.groups and 1)
    return found[0][: start - found.start()] + meant + found[0][end - found.start() :]


def _told(text: str) -> dict[str, bool | None]:
    """Whether the text tells of each kind; None when it holds no sign of it, not even one taken back."""
    rules = _rules()
    told: dict[str, bool | None] = dict.fromkeys(KINDS)
    for sign in rules.signs.likely(text):
        kind = sign.kind
        if told[kind.name] or (kind.needs and not kind.needs.search(text)):
            continue
        found = sign.sign.search(text)
        answer = _tells(text, found, sign, rules) if found is not None else None
        if answer is not None:
            told[kind.name] = answer
    return told


def _clauses(text: str) -> str:
    """`text` with a comma for a space between phrases and nothing for one inside a word (不 想 活 了)."""
    joined = before = ""
    for piece in text.split():
        inside = min(len(before), len(piece)) <= SPLIT_WORD or (before + piece).isascii()
        joined += piece if inside else f"，{piece}"
        before = piece
    return joined


def _tells(text: str, found: re.Match[str], rule: _Sign, rules: _Rules) -> bool | None:
    if rule.without.search(text) or (rule.needs and not rule.needs.search(text)):
        return None
    sign: re.Match[str] | None = found
    while sign:
        if not _taken_back(text, sign, rule, rules):
            return True
        sign = rule.sign.search(text, sign.start() + 1)
    return False


def _taken_back(text: str, found: re.Match[str], rule: _Sign, rules: _Rules) -> bool:
    before = _SENTENCE_END.split(text[max(0, found.start() - WINDOW) : found.start()])[-1]
    after = _SENTENCE_END.split(text[found.end() : found.end() + WINDOW])[0]
    around = before + found[0] + after
    if rule.unless.search(around) or rules.negation.search(before):
        return True
    return not rule.lasting and bool(rules.past.search(around)) and not rules.still.search(around)


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data = yaml.safe_load((Path(__file__).parent / "safety.yml").read_text("utf-8"))
    words = {name: _listed(value) for name, value in data["words"].items()}
    words["fiction"] = _either(data["fiction"])
    alike = _alike()

    def compiled(patterns: Sequence[str]) -> re.Pattern[str]:
        return re.compile(_filled(_either(patterns), words)) if patterns else _NEVER

    def sounding(pattern: str) -> re.Pattern[str]:
        return re.compile(_SOUND.sub(lambda one: alike[one[1]], _filled(pattern, words)))

    def sign(kind: _Kind, rule: Mapping[str, Any], taken_back: Sequence[str]) -> _Sign:
        return _Sign(
            kind,
            compiled([rule["sign"]]),
            compiled([*taken_back, *_one(rule, "unless")]),
            compiled(_one(rule, "with")) if "with" in rule else None,
            compiled(_one(rule, "without")),
            bool(rule.get("lasting", False)),
        )

    kinds = [
        (_Kind(name, compiled(_one(kind, "with")) if "with" in kind else None), kind)
        for name, kind in data["kinds"].items()
    ]
    signs = [
        sign(kind, rule, written.get("unless", ())) for kind, written in kinds for rule in written["signs"]
    ]
    sounds = [pair for entry in data["sounds"] for pair in entry.items()]
    heard = [_Sound(place, sounding(sound), meant) for place, (meant, sound) in enumerate(sounds)]
    spelling = {str(typed): str(meant) for typed, meant in data["spelling"].items()}
    return _Rules(
        Sieve((each.sound, each) for each in heard),
        re.compile("|".join(map(re.escape, sorted(spelling, key=len, reverse=True)))),
        spelling,
        compiled(data["idioms"]),
        compiled(data["past"]),
        compiled(data["still"]),
        compiled(data["negation"]),
        Sieve((each.sign, each) for each in signs),
    )


def _alike() -> dict[str, str]:
    """For each common character an expression of what sounds like it, its pinyin included."""
    data = yaml.safe_load((Path(__file__).parent / "safety_sounds.yml").read_text("utf-8"))
    return {one: f"(?:[{alike}]|{sound})" for sound, alike in data.items() for one in alike}


def _one(rule: Mapping[str, Any], key: str) -> list[str]:
    return [str(rule[key])] if key in rule else []


def _listed(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "|".join(sorted(value, key=len, reverse=True))


def _either(patterns: Sequence[str]) -> str:
    return "|".join(patterns)


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """`pattern` with each {name} replaced by its words, in which names may stand again."""
    while _NAME.search(pattern):
        pattern = _NAME.sub(lambda name: f"(?:{words[name[1]]})", pattern)
    return pattern
