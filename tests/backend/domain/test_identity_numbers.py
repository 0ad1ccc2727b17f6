"""Card numbers in sentences: found as people write them, and no order's number taken for one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.identity_numbers import find
from backend.domain.private_numbers import joined, masked, parted

STANDARD = ("11010519491231002X", "440524188001010014")
"""The examples of GB 11643-1999."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("身份证11010519491231002X，家住3栋", "身份证1101**********002X，家住3栋"),
        ("身份证号:11010519491231002x", "身份证号:1101**********002X"),
        ("身份证４４０５２４１８８００１０１００１４。", "身份证4405**********0014。"),
        ("11010519491231002Ｘ", "1101**********002X"),
        ("110105 19491231 002X", "1101**********002X"),
        ("1101-0519-4912-3100-2X 打我", "1101**********002X 打我"),
        ("老证110105491231002的那个", "老证1101*******1002的那个"),
        ("440524188001010014,11010519491231002X", "4405**********0014,1101**********002X"),
        ("电话13812345678身份证440524188001010014", "电话138****5678身份证4405**********0014"),
        ("440524188001010014 13812345678", "4405**********0014 138****5678"),
        ("3 440524188001010014", "3 4405**********0014"),
        ("11010519491231002X13812345678", "1101**********002X138****5678"),
        ("11010519491231002x440524188001010014", "1101**********002X4405**********0014"),
        ("身份证110105194912310021", "身份证1101**********0021"),
        ("身份证11010519491231002X，440524188001010013", "身份证1101**********002X，4405**********0013"),
        ("银行卡6222021234567890128", "银行卡6222***********0128"),
        ("卡号6222 0212 3456 7890 128，", "卡号6222***********0128，"),
        ("卡号622202 1234567890128", "卡号6222***********0128"),
        ("６２１７００１２３４５６７８９３打钱", "6217********7893打钱"),
        ("4111-1111-1111-1111", "4111********1111"),
        ("卡4111111111111111电话13812345678", "卡4111********1111电话138****5678"),
    ],
)
def test_cards_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "订单号202611210000123456",
        "单号440524188013010014",
        "单号040524188001010014",
        "4405241880010100145",
        "X44052418800101001",
        "卡号6222021234567890123",
        "单号1234567890123452",
        "单号62220212345678901286",
        "单号6222021234567890128X",
        "单号440524205001010014",
        "订单110105491331002",
        "流水160105491231002",
        "快递773012345678901",
        "共440524188001元",
        "110105 19491231 002",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("number", STANDARD)
def test_a_mistyped_check_digit_hides_nothing(number: str) -> None:
    for last in "0123456789X":
        assert masked(number[:17] + last) == f"{number[:4]}**********{number[14:17]}{last}"


@pytest.mark.parametrize("number", ["6222021234567890128", "6217001234567893", "9558801234567890128"])
def test_every_digit_of_a_bank_card_counts(number: str) -> None:
    assert masked(number) == f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"
    for place, right in enumerate(number):
        for other in set("0123456789") - {right}:
            mistyped = number[:place] + other + number[place + 1 :]
            assert masked(mistyped) == mistyped


def card(region: int, born: date, order: int) -> str:
    """A number by the rule of the standard, worked out the other way: its weighted sum is 1 modulo 11."""
    begun = f"{region}{born:%Y%m%d}{order:03}"
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(begun))
    return begun + "0123456789X"[(1 - total) % 11]


CARDS = st.builds(
    card,
    st.sampled_from([110105, 330106, 659004, 820000, 911101]),
    st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    st.integers(0, 999),
)


@given(CARDS, st.sampled_from(["", " ", "-"]), st.sampled_from(["", "我的身份证是", "a", "，", "x"]))
def test_no_card_is_left(number: str, between: str, before: str) -> None:
    written = between.join((number[:6], number[6:14], number[14:]))
    assert masked(f"{before}{written}，") == f"{before}{number[:4]}**********{number[-4:]}，"
    assert joined(f"{before}{written}，") == f"{before} {number.lower()} ，"
    assert parted(f"{before}{written}，") == (f"{before} ，", (number.lower(),))


@given(st.text(alphabet="0123456789 -Xx身\n", max_size=60), CARDS)
def test_a_card_is_found_whatever_stands_before_it(text: str, number: str) -> None:
    whole = f"{text}，{number}"
    assert (len(text) + 1, len(whole)) in set(find(whole))
    assert masked(whole).endswith(f"**********{number[-4:]}")
