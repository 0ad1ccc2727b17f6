"""Deadlines in working days, against the State Council's calendar and a centre's own days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.deadlines import (
    PLAIN_CALENDAR,
    SHANGHAI,
    WorkingCalendar,
    add_working_days,
    working_days_between,
)


def at(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def due(start: datetime, days: int, calendar: WorkingCalendar = PLAIN_CALENDAR) -> str:
    return f"{add_working_days(start, days, calendar).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def test_a_working_day_ends_at_six() -> None:
    assert due(at(2025, 9, 1), 1) == "2025-09-02 18:00"


def test_a_weekend_does_not_count() -> None:
    assert due(at(2025, 9, 5), 1) == "2025-09-08 18:00"


def test_the_golden_week_and_its_exchanged_days() -> None:
    """国办发明电 2024-12: 2025-10-01 to 10-08 off; 2025-09-28 and 10-11 are worked."""
    assert due(at(2025, 9, 30), 1) == "2025-10-09 18:00"
    assert due(at(2025, 9, 26), 1) == "2025-09-28 18:00"
    assert due(at(2025, 10, 10), 1) == "2025-10-11 18:00"


def test_the_day_is_shanghais() -> None:
    late_evening_in_utc = datetime(2025, 9, 1, 17, 0, tzinfo=UTC)
    assert due(late_evening_in_utc, 1) == "2025-09-03 18:00"


def test_a_centre_sets_its_own_days() -> None:
    calendar = WorkingCalendar({date(2025, 9, 2): False, date(2025, 9, 6): True})
    assert due(at(2025, 9, 1), 1, calendar) == "2025-09-03 18:00"
    assert due(at(2025, 9, 5), 1, calendar) == "2025-09-06 18:00"


def test_a_year_that_is_not_published_falls_back_to_weekdays() -> None:
    assert not PLAIN_CALENDAR.knows(2090)
    assert PLAIN_CALENDAR.knows(2025)
    assert due(at(2090, 3, 3), 1) == "2090-03-06 18:00"


@pytest.mark.parametrize("days", [0, -1])
def test_no_deadline_on_the_same_day(days: int) -> None:
    with pytest.raises(ValueError, match="working day"):
        add_working_days(at(2025, 9, 1), days)


@given(
    st.integers(0, 880 * 24 * 60).map(lambda minutes: at(2024, 1, 1) + timedelta(minutes=minutes)),
    st.integers(1, 30),
)
def test_a_deadline_is_a_working_day_and_as_many_days_away(start: datetime, days: int) -> None:
    end = add_working_days(start, days)
    assert end > start
    first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    assert PLAIN_CALENDAR.is_working_day(last)
    assert working_days_between(first, last) == days
    assert add_working_days(start, days + 1) > end
    assert working_days_between(last, first) == 0
    assert working_days_between(first, last - timedelta(days=1)) == days - 1
