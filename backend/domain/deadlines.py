"""Deadlines (限时办结) in working days of mainland China, 调休 included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
END_OF_DAY = time(18, 0)
FRIDAY = 4


@dataclass(frozen=True)
class WorkingCalendar:
    """The State Council's calendar, with the days that a centre has set otherwise (True = working)."""

    overrides: Mapping[date, bool]

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open; a year the calendar does not know falls back to Monday-Friday."""
        if day in self.overrides:
            return self.overrides[day]
        if not self.knows(day.year):
            return day.weekday() <= FRIDAY
        return bool(chinese_calendar.is_workday(day))

    @staticmethod
    def knows(year: int) -> bool:
        """Whether the holidays of `year` have been published to the calendar's package."""
        try:
            chinese_calendar.is_workday(date(year, 1, 1))
        except NotImplementedError:
            return False
        return True


PLAIN_CALENDAR = WorkingCalendar({})


def add_working_days(start: datetime, days: int, calendar: WorkingCalendar = PLAIN_CALENDAR) -> datetime:
    """18:00 in Shanghai on the `days`-th working day after the day of `start` (aware UTC in and out).

    Raises ValueError when `days` is below 1: a deadline on the event's own day cannot be promised.
    """
    if days < 1:
        raise ValueError("a deadline is at least one working day away")
    day = start.astimezone(SHANGHAI).date()
    while days:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            days -= 1
    return datetime.combine(day, END_OF_DAY, SHANGHAI).astimezone(UTC)


def working_days_between(first: date, last: date, calendar: WorkingCalendar = PLAIN_CALENDAR) -> int:
    """How many working days come after `first`, up to and with `last` (Shanghai's dates)."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(calendar.is_working_day(day) for day in days)
