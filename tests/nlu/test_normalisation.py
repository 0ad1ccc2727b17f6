"""One spelling for what residents type."""

from __future__ import annotations

import pytest

from nlu.normalisation import mask_numbers, normalise


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


def test_numbers_are_masked_whatever_their_length() -> None:
    assert mask_numbers("欠3.5万 电话13800138000") == "欠0万 电话0"
