"""Until when each stage of a case must be done (限时办结)."""

from __future__ import annotations

from datetime import datetime

from backend.domain.deadlines import add_working_days
from backend.domain.lifecycle import Action, Status
from backend.domain.rules import Rules


def due_at(
    action: Action | None,
    status: Status,
    category: str,
    now: datetime,
    current: datetime | None,
    rules: Rules,
) -> datetime | None:
    """The deadline after `action` led to `status` (None = just registered); None once there is a result.

    Only a step that starts a stage moves the deadline: a note, an urge or a start does not.
    """
    if status is Status.RECEIVED:
        starts, days = action in {None, Action.REOPEN}, rules.accept_days
    elif status is Status.ACCEPTED:
        starts, days = action in {Action.ACCEPT, Action.RETURN}, rules.assign_days
    elif status in {Status.ASSIGNED, Status.IN_PROGRESS}:
        starts = action in {Action.ASSIGN, Action.REOPEN}
        days = rules.category(category).handling_days
    else:
        return None
    return add_working_days(now, days, rules.calendar) if starts else current
