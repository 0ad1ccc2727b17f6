"""The life cycle of a case (案件): one table that every part of the software reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.errors import MissingField, NotAllowed, NotYours


class Status(StrEnum):
    """Where a case stands; overdue, urged and supervised are not statuses."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What somebody can do to a case."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASSIGN = "assign"
    RETURN = "return"
    START = "start"
    NOTE = "note"
    COMMENT = "comment"
    RECLASSIFY = "reclassify"
    RESOLVE = "resolve"
    RATE = "rate"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    URGE = "urge"
    SUPPLEMENT = "supplement"


class Role(StrEnum):
    """In what capacity somebody acts."""

    RESIDENT = "resident"
    OFFICER = "officer"
    UNIT = "unit"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    SYSTEM = "system"


STATUS_NAMES = {
    Status.RECEIVED: "已登记",
    Status.ACCEPTED: "已受理",
    Status.REFUSED: "不予受理",
    Status.ASSIGNED: "已交办",
    Status.IN_PROGRESS: "办理中",
    Status.RESOLVED: "已办结",
    Status.CLOSED: "已销号",
    Status.WITHDRAWN: "已撤回",
}

ACTION_NAMES = {
    Action.ACCEPT: "受理",
    Action.REFUSE: "不予受理",
    Action.ASSIGN: "交办",
    Action.RETURN: "退回",
    Action.START: "开始办理",
    Action.NOTE: "告知居民",
    Action.COMMENT: "内部备注",
    Action.RECLASSIFY: "改类别",
    Action.RESOLVE: "办结",
    Action.RATE: "满意度评价",
    Action.CLOSE: "销号",
    Action.REOPEN: "重新办理",
    Action.WITHDRAW: "撤回",
    Action.URGE: "催办",
    Action.SUPPLEMENT: "补充",
}

ROLE_NAMES = {
    Role.RESIDENT: "居民",
    Role.OFFICER: "受理员",
    Role.UNIT: "承办单位",
    Role.SUPERVISOR: "督办",
    Role.ADMIN: "管理员",
    Role.SYSTEM: "系统",
}

OPEN = frozenset({Status.RECEIVED, Status.ACCEPTED, Status.ASSIGNED, Status.IN_PROGRESS})
UNDER_WAY = OPEN | {Status.RESOLVED}


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an action, and who may take it."""

    next: Status
    who: frozenset[Role]


_CENTRE = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
_HANDLERS = _CENTRE | {Role.UNIT}
_RESIDENT = frozenset({Role.RESIDENT})
_SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})

_S, _A = Status, Action

LIFECYCLE: dict[tuple[Status, Action], Step] = {
    (_S.RECEIVED, _A.ACCEPT): Step(_S.ACCEPTED, _CENTRE),
    (_S.RECEIVED, _A.REFUSE): Step(_S.REFUSED, _CENTRE),
    (_S.ACCEPTED, _A.ASSIGN): Step(_S.ASSIGNED, _CENTRE),
    (_S.ASSIGNED, _A.ASSIGN): Step(_S.ASSIGNED, _CENTRE),
    (_S.IN_PROGRESS, _A.ASSIGN): Step(_S.ASSIGNED, _SUPERVISORS),
    (_S.ASSIGNED, _A.START): Step(_S.IN_PROGRESS, _HANDLERS),
    (_S.ASSIGNED, _A.RETURN): Step(_S.ACCEPTED, _HANDLERS),
    (_S.IN_PROGRESS, _A.RETURN): Step(_S.ACCEPTED, _HANDLERS),
    (_S.ASSIGNED, _A.RESOLVE): Step(_S.RESOLVED, _HANDLERS),
    (_S.IN_PROGRESS, _A.RESOLVE): Step(_S.RESOLVED, _HANDLERS),
    (_S.RESOLVED, _A.RATE): Step(_S.CLOSED, _RESIDENT),
    (_S.CLOSED, _A.RATE): Step(_S.CLOSED, _RESIDENT),
    (_S.RESOLVED, _A.CLOSE): Step(_S.CLOSED, _CENTRE | {Role.SYSTEM}),
    (_S.RESOLVED, _A.REOPEN): Step(_S.ASSIGNED, _CENTRE | _RESIDENT),
    (_S.CLOSED, _A.REOPEN): Step(_S.ASSIGNED, _CENTRE | _RESIDENT),
    (_S.REFUSED, _A.REOPEN): Step(_S.RECEIVED, _SUPERVISORS),
    (_S.WITHDRAWN, _A.REOPEN): Step(_S.RECEIVED, _CENTRE | _RESIDENT),
    **{(status, _A.WITHDRAW): Step(_S.WITHDRAWN, _RESIDENT | _CENTRE) for status in OPEN},
    **{(status, _A.URGE): Step(status, _RESIDENT | _SUPERVISORS) for status in OPEN},
    **{(status, _A.RECLASSIFY): Step(status, _CENTRE) for status in OPEN},
    **{(status, _A.SUPPLEMENT): Step(status, _RESIDENT | _CENTRE) for status in UNDER_WAY},
    **{(status, _A.NOTE): Step(status, _HANDLERS) for status in Status},
    **{(status, _A.COMMENT): Step(status, _HANDLERS) for status in Status},
}

STAFF_FIELDS: dict[Action, frozenset[str]] = {
    _A.REFUSE: frozenset({"reason"}),
    _A.ASSIGN: frozenset({"unit"}),
    _A.RETURN: frozenset({"reason"}),
    _A.NOTE: frozenset({"text"}),
    _A.COMMENT: frozenset({"text"}),
    _A.RECLASSIFY: frozenset({"category"}),
    _A.RESOLVE: frozenset({"text"}),
    _A.CLOSE: frozenset({"reason"}),
    _A.REOPEN: frozenset({"reason"}),
    _A.WITHDRAW: frozenset({"reason"}),
    _A.SUPPLEMENT: frozenset({"text"}),
}
"""What a member of staff must give with an action; residents and timers give what their dialogue asked."""

ROUND_OPENERS = frozenset({(_S.RESOLVED, _A.REOPEN), (_S.CLOSED, _A.REOPEN)})
"""Reopening after a result starts the next round (轮次); taking back a refusal or a withdrawal does not."""

SATISFIED_FROM = 3
"""好差评: 基本满意 (3) and above closes a case; below, a new round opens."""


def next_step(status: Status, action: Action, role: Role) -> Step:
    """The step that `role` takes with `action`.

    Raises NotAllowed when nobody may do this now, NotYours when somebody else may.
    """
    step = LIFECYCLE.get((status, action))
    if step is None:
        raise NotAllowed(status=status.value, action=action.value)
    if role not in step.who:
        raise NotYours(action=action.value, role=role.value)
    return step


def allowed(status: Status, role: Role) -> tuple[Action, ...]:
    """The actions that `role` may take on a case that stands at `status`, in the table's order."""
    return tuple(a for a in Action if (step := LIFECYCLE.get((status, a))) and role in step.who)


def check_fields(action: Action, role: Role, given: frozenset[str]) -> None:
    """Raise MissingField when a member of staff leaves out what the action needs."""
    if role in _HANDLERS and (missing := STAFF_FIELDS.get(action, frozenset()) - given):
        raise MissingField(action=action.value, field=min(missing))


def action_for_rating(rating: int) -> Action:
    """What a resident's rating does to a resolved case (1-5, 好差评)."""
    return Action.RATE if rating >= SATISFIED_FROM else Action.REOPEN
