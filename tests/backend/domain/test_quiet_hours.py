"""Quiet hours (22-8 h) in Shanghai, also across midnight."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.deadlines import SHANGHAI
from backend.domain.quiet_hours import QuietHours

NIGHT = QuietHours(time(22), time(8))
NOON = QuietHours(time(12), time(14))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 9, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "now", "released"),
    [
        (NIGHT, local(1, 21, 59), local(1, 21, 59)),
        (NIGHT, local(1, 22), local(2, 8)),
        (NIGHT, local(2, 3), local(2, 8)),
        (NIGHT, local(2, 8), local(2, 8)),
        (NOON, local(1, 11), local(1, 11)),
        (NOON, local(1, 13), local(1, 14)),
        (NOON, local(1, 14), local(1, 14)),
    ],
)
def test_release(hours: QuietHours, now: datetime, released: datetime) -> None:
    assert hours.release(now) == released


def test_parse() -> None:
    assert QuietHours.parse(" 22:00 - 08:00 ") == NIGHT
    assert QuietHours.parse("  ") is None


@pytest.mark.parametrize("text", ["22:00", "late-early", "25:00-08:00", "22:00-"])
def test_nonsense_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        QuietHours.parse(text)


@given(st.integers(0, 10**9), st.integers(0, 1439), st.integers(0, 1439))
def test_never_early_and_never_a_day_late(seconds: int, start: int, end: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    hours = QuietHours(time(start // 60, start % 60), time(end // 60, end % 60))
    assert 0 <= (hours.release(now) - now).total_seconds() <= 24 * 3600
