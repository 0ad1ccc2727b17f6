"""Case numbers, as they are printed and as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.case_number import find_number, format_number


@pytest.mark.parametrize(
    "text",
    [
        "FQ2026-000123",
        "我的是fq2026-000123怎么样了",
        "ＦＱ２０２６－０００１２３",
        "FQ2026000123",
        "FQ 2026 — 000123",
        "编号FQ2026-000123，谢谢",
    ],
)
def test_found(text: str) -> None:
    assert find_number(text) == "FQ2026-000123"


@pytest.mark.parametrize("text", ["", "FQ2026", "FQ2026-0001234", "2026-000123", "FQ26-000123", "进度"])
def test_not_found(text: str) -> None:
    assert find_number(text) is None


@given(st.integers(1000, 9999), st.integers(1, 999_999))
def test_what_is_printed_is_found(year: int, sequence: int) -> None:
    assert find_number(f"查{format_number(year, sequence)}") == format_number(year, sequence)
