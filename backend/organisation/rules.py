"""The centre's rules as the database holds them: versions that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend.db.work import Work
from backend.domain.deadlines import WorkingCalendar
from backend.domain.rules import Category, Rules
from backend.organisation.tables import RuleVersionRow

FRESH_FOR = timedelta(seconds=5)
"""How long one process goes on with the version it read; an edit reaches every process within this time."""


@dataclass(frozen=True)
class FollowUpTimes:
    """When follow-ups come, from the installation's settings."""

    after: timedelta
    reminder: timedelta
    close: timedelta


class RuleBook:
    """Reads the newest version of the rules, at most every five seconds."""

    def __init__(self, times: FollowUpTimes) -> None:
        """`times` come from the settings and complete what the database holds."""
        self._times = times
        self._rules: Rules | None = None
        self._read_at: datetime | None = None

    async def current(self, work: Work) -> Rules:
        """The newest rules; raises LookupError in a database that was never seeded."""
        if self._rules and self._read_at and work.now - self._read_at < FRESH_FOR:
            return self._rules
        row = await work.session.scalar(
            select(RuleVersionRow).order_by(RuleVersionRow.version.desc()).limit(1)
        )
        if row is None:
            raise LookupError("the database holds no rules: seed it first")
        self._rules = read_rules(row.version, row.document, self._times)
        self._read_at = work.now
        return self._rules


def read_rules(version: int, document: Mapping[str, Any], times: FollowUpTimes) -> Rules:
    """Turn a stored document into rules; raises KeyError or ValueError when it is malformed."""
    overrides = {date.fromisoformat(day): bool(works) for day, works in document["calendar"].items()}
    return Rules(
        version=version,
        categories=tuple(Category(**category) for category in document["categories"]),
        accept_days=document["accept_days"],
        assign_days=document["assign_days"],
        calendar=WorkingCalendar(overrides),
        follow_up_after=times.after,
        follow_up_reminder=times.reminder,
        follow_up_close=times.close,
    )
