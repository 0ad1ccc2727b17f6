"""The rules that a centre edits: categories, routing and deadlines, as one versioned value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from backend.domain.deadlines import PLAIN_CALENDAR, WorkingCalendar
from backend.domain.errors import BadValue

OTHER = "other"


@dataclass(frozen=True)
class Category:
    """One kind of dispute: `code` is stable, `name` is the Chinese word, which is also the model's label."""

    code: str
    name: str
    unit: str
    """Code of the responsible unit (承办单位) that acceptance proposes."""
    handling_days: int
    """Working days from assignment to resolution (办理: simple 1, normal 7, complex 20)."""


@dataclass(frozen=True)
class Rules:
    """One version of the rules; a case remembers the version it was judged by."""

    version: int
    categories: tuple[Category, ...]
    accept_days: int = 1
    """Working days from registration to acceptance or refusal."""
    assign_days: int = 1
    """Working days from acceptance, or a unit's return, to assignment (分流)."""
    calendar: WorkingCalendar = field(default=PLAIN_CALENDAR)
    follow_up_after: timedelta = timedelta(days=1)
    """From resolution to the satisfaction survey (回访)."""
    follow_up_reminder: timedelta = timedelta(days=2)
    """From the survey to its one reminder."""
    follow_up_close: timedelta = timedelta(days=3)
    """From the reminder to closing the unanswered case."""

    def category(self, code: str) -> Category:
        """The category with this code; raises BadValue when there is none."""
        for category in self.categories:
            if category.code == code:
                return category
        raise BadValue(field="category", value=code)

    def category_named(self, name: str) -> Category:
        """The category with this Chinese name (the model's label), 其他 when there is none."""
        for category in self.categories:
            if category.name == name:
                return category
        return self.category(OTHER)
