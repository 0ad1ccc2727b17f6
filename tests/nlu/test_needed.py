"""What a text can match is never passed over: the sieve before the signs of danger."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nlu import safety
from nlu.needed import Sieve
from nlu.normalisation import normalise

HERE = Path(__file__).parent
SENTENCES = [
    HERE.parents[1] / "training_data" / "safety.yml",
    HERE / "safety_unseen.yml",
    HERE / "safety_everyday.yml",
]
LETTERS = "abAB1我"
"""Few, so that what is made at random matches often."""

_character = st.sampled_from(LETTERS)
_member = st.one_of(_character, st.sampled_from(["a-b", "A-B", "0-9", "一-龥", r"\d", r"\W", r"\S"]))
_one = st.one_of(
    _character,
    st.sampled_from(
        [".", r"\d", r"\w", r"\s", r"\W", r"\.", r"\x61", "^", "$", r"\b", r"\B", r"\A", "(?!)", ""]
    ),
    st.builds(
        "[{}{}]".format, st.sampled_from(["", "^"]), st.lists(_member, min_size=1, max_size=3).map("".join)
    ),
)


def _within(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    opening = st.sampled_from(
        ["(", "(?:", "(?=", "(?!", "(?>", "(?i:", "(?s:", "(?a:", "(?x:", "(?im-s:", "(?:(?i:b)|"]
    )
    often = st.sampled_from(
        ["?", "*", "+", "{0}", "{2}", "{0,1}", "{1,}", "{,2}", "??", "*?", "+?", "?+", "*+", "++"]
    )
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=4).map(lambda branches: f"(?:{'|'.join(branches)})"),
        st.builds("{}{})".format, opening, inner),
        st.builds("(?:{}){}".format, inner, often),
        st.builds("({})?(?(1){}|{})".format, inner, inner, inner),
        st.builds(r"({}){}\1".format, inner, inner),
        st.builds("{}(?<={})".format, inner, _one),
        st.builds("(?<!{}){}".format, _one, inner),
    )


_expressions = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "", "(?i)", "(?x)", "(?s)", "(?m)", "(?a)"]),
    st.lists(st.recursive(_one, _within, max_leaves=12), min_size=1, max_size=3).map("|".join),
)
_texts = st.lists(st.text(LETTERS + "é \n", max_size=8), min_size=1, max_size=12)


@cache
def _compiled(expression: str) -> re.Pattern[str] | None:
    try:
        return re.compile(expression)
    except re.error:
        return None


@settings(max_examples=500)
@given(_expressions, _texts)
@example("(?i:ab)", ["AB"])
@example("(?:(?i:a)|b)", ["A"])
@example("ab|ac", ["ac"])
@example("a(?:|b)", ["a"])
@example("|a", [""])
@example("(?=a)", ["a"])
@example("(?<!a)b", ["b"])
@example(r"(a)?(?(1)b|1)", ["1"])
@example(r"[^a]", ["b"])
@example(r"[ab\d]", ["1"])
@example("(?:a{0}b)++", ["b"])
@example("(?>a|ab)", ["a"])
def test_what_matches_is_likely(expression: str, texts: list[str]) -> None:
    compiled = _compiled(expression)
    assume(compiled is not None)
    assert compiled is not None
    sieve = Sieve([(compiled, expression)])
    for text in texts:
        if compiled.search(text):
            assert list(sieve.likely(text)) == [expression]


@pytest.mark.parametrize("flag", [re.IGNORECASE, re.IGNORECASE | re.VERBOSE])
def test_flags_from_outside_count(flag: re.RegexFlag) -> None:
    compiled = re.compile("ab|c", flag)
    assert list(Sieve([(compiled, 1)]).likely("xAB")) == [1]
    assert list(Sieve([(re.compile("a # b", re.VERBOSE), 1)]).likely("a")) == [1]


def test_of_many_those_that_lack_a_character_are_passed_over_and_the_order_stays() -> None:
    written = ["我b", "(?:a|b)1", "a+", "b*", "[ab]我", "^$"]
    sieve = Sieve((re.compile(expression), expression) for expression in written)
    assert list(sieve.likely("ab")) == ["a+", "b*", "^$"]
    assert list(sieve.likely("我b1")) == ["我b", "(?:a|b)1", "b*", "[ab]我", "^$"]
    assert list(sieve.likely("")) == ["b*", "^$"]


def _sentences() -> list[str]:
    found = (yaml.safe_load(path.read_text("utf-8")) for path in SENTENCES)
    return [str(text) for by_kind in found for texts in by_kind.values() for text in texts]


def test_whatever_a_sentence_of_ours_matches_is_looked_for_and_little_else() -> None:
    rules = safety._rules()
    texts = _sentences()[::3]
    matching = looked_for = 0
    for text in texts:
        written, plain = normalise(text), safety.clean(text)
        sounds, signs = rules.sounds.likely(written), rules.signs.likely(plain)
        heard = [each.place for each in rules.sounds._things if each.sound.search(written)]
        found = [id(each) for each in rules.signs._things if each.sign.search(plain)]
        assert {each.place for each in sounds}.issuperset(heard), written
        assert {id(each) for each in signs}.issuperset(found), plain
        matching += len(heard) + len(found)
        looked_for += len(sounds) + len(signs)
    assert matching > len(texts) / 4, "many of them tell of danger"
    every = len(rules.sounds._things) + len(rules.signs._things)
    assert looked_for / len(texts) < every / 10
