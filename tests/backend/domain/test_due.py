"""Which step starts which deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.deadlines import add_working_days
from backend.domain.due import due_at
from backend.domain.errors import BadValue
from backend.domain.lifecycle import Action, Status
from backend.domain.rules import OTHER, Category, Rules

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
RULES = Rules(
    version=3,
    categories=(Category("property", "物业", "zhujian", 20), Category(OTHER, "其他", "jiedao", 7)),
    accept_days=1,
    assign_days=2,
)


def days(count: int) -> datetime:
    return add_working_days(NOW, count)


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        (None, Status.RECEIVED, days(1)),
        (Action.REOPEN, Status.RECEIVED, days(1)),
        (Action.NOTE, Status.RECEIVED, BEFORE),
        (Action.ACCEPT, Status.ACCEPTED, days(2)),
        (Action.RETURN, Status.ACCEPTED, days(2)),
        (Action.URGE, Status.ACCEPTED, BEFORE),
        (Action.ASSIGN, Status.ASSIGNED, days(20)),
        (Action.REOPEN, Status.ASSIGNED, days(20)),
        (Action.COMMENT, Status.ASSIGNED, BEFORE),
        (Action.START, Status.IN_PROGRESS, BEFORE),
        (Action.RESOLVE, Status.RESOLVED, None),
        (Action.RATE, Status.CLOSED, None),
        (Action.REFUSE, Status.REFUSED, None),
        (Action.WITHDRAW, Status.WITHDRAWN, None),
    ],
)
def test_deadline_after_a_step(action: Action | None, status: Status, expected: datetime | None) -> None:
    assert due_at(action, status, "property", NOW, BEFORE, RULES) == expected


def test_categories_have_their_own_time() -> None:
    assert due_at(Action.ASSIGN, Status.ASSIGNED, OTHER, NOW, None, RULES) == days(7)


def test_categories_by_code_and_by_name() -> None:
    assert RULES.category("property").name == "物业"
    assert RULES.category_named("物业").code == "property"
    assert RULES.category_named("没有").code == OTHER
    with pytest.raises(BadValue) as wrong:
        RULES.category("none")
    assert wrong.value.facts == {"field": "category", "value": "none"}
