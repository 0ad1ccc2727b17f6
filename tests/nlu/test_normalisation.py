"""One spelling for what residents type."""

from __future__ import annotations

import pytest

from nlu.normalisation import _ORDINARY, _simplifier, _traditional, _visible, mask_numbers, normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ＡＢＣ１２３，", "abc123，"),
        ("物業費漲價", "物业费涨价"),
        ("气死我了😡😡😡！！！！", "气死我了 ！"),
        ("哈哈哈哈哈", "哈哈"),
        ("欠我100000元", "欠我100000元"),
        ("不 想 活 了", "不想活了"),
        ("电梯坏了 没人管", "电梯坏了 没人管"),
        ("停水了\n\n两天\u200b", "停水了 两天"),
        ("\x00\x1b[31m", "[31m"),
        ("", ""),
    ],
)
def test_normalise(typed: str, meant: str) -> None:
    assert normalise(typed) == meant
    assert normalise(meant) == meant


def test_what_is_passed_over_would_stay_as_it_is() -> None:
    """The shorter ways around looking at each character and around the converter change nothing."""
    every = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    ordinary = [one for one in every if _ORDINARY.fullmatch(one)]
    assert len(ordinary) > 20_000
    assert [one for one in ordinary if _visible(one) != one] == []
    simple = [one for one in every if one not in _traditional()]
    assert [one for one in simple if _simplifier().convert(one) != one] == []


@pytest.mark.parametrize("phrase", ["反覆", "藉口", "瞭解", "乾坤", "一目瞭然"])
def test_phrases_of_characters_that_stay_alone_are_simplified(phrase: str) -> None:
    assert normalise(phrase) == _simplifier().convert(phrase)


def test_numbers_are_masked_whatever_their_length() -> None:
    assert mask_numbers("欠3.5万 电话13800138000") == "欠0万 电话0"
