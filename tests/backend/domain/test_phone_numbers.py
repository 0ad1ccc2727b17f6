"""Phone numbers in sentences: found as people write them, and nothing else taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.phone_numbers import digits
from backend.domain.private_numbers import joined, masked, parted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我电话13812345678，随时打", "我电话138****5678，随时打"),
        ("138 1234 5678或者138-1234-5678", "138****5678或者138****5678"),
        ("＋８６ １３８１２３４５６７８。", "138****5678。"),
        ("8613812345678", "138****5678"),
        ("办公室0571-87654321转2", "办公室0571****4321转2"),
        ("（010）8765 4321", "010****4321"),
        ("(0571) 8765432", "0571****5432"),
        ("联系电话：13812345678\n1 提交", "联系电话：138****5678\n1 提交"),
        ("13812345678 13987654321", "138****5678 139****4321"),
    ],
)
def test_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "打110、12356或者12338",
        "FQ2026-000123",
        "欠了13812345678901元",
        "单号330106199013011234",
        "2026-11-21 20:43",
        "12800元，3栋2单元1203",
        "共12345678元",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


@given(st.text(alphabet="0123456789 -+()１２８物业\n", max_size=40))
def test_no_number_is_left(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_words_and_numbers_apart() -> None:
    assert parted("我电话138-1234 5678，或０５７１-87654321。") == (
        "我电话 ，或 。",
        ("13812345678", "057187654321"),
    )
    assert parted("3栋2单元") == ("3栋2单元", ())


def test_one_spelling_for_search() -> None:
    assert joined("电话138-1234 5678").split() == ["电话", "13812345678"]
    assert joined("＋86 0571-87654321").split() == ["057187654321"]
    assert digits("+86 138-1234-5678") == "13812345678"
    assert digits("8612345678") == "8612345678"
