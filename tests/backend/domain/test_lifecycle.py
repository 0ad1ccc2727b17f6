"""The life cycle as a table, and its properties over every walk."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import MissingField, NotAllowed, NotYours
from backend.domain.lifecycle import (
    ACTION_NAMES,
    LIFECYCLE,
    OPEN,
    ROLE_NAMES,
    ROUND_OPENERS,
    STAFF_FIELDS,
    STATUS_NAMES,
    UNDER_WAY,
    Action,
    Role,
    Status,
    action_for_rating,
    allowed,
    check_fields,
    next_step,
)

STAFF = (Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN)


def test_every_code_has_a_word() -> None:
    assert set(STATUS_NAMES) == set(Status)
    assert set(ACTION_NAMES) == set(Action)
    assert set(ROLE_NAMES) == set(Role)


@pytest.mark.parametrize(("status", "action"), list(itertools.product(Status, Action)))
@pytest.mark.parametrize("role", Role)
def test_a_step_is_allowed_exactly_when_the_table_says_so(status: Status, action: Action, role: Role) -> None:
    step = LIFECYCLE.get((status, action))
    if step is None:
        with pytest.raises(NotAllowed) as refused:
            next_step(status, action, role)
        assert refused.value.facts == {"status": status.value, "action": action.value}
    elif role not in step.who:
        with pytest.raises(NotYours) as not_yours:
            next_step(status, action, role)
        assert not_yours.value.facts == {"action": action.value, "role": role.value}
    else:
        assert next_step(status, action, role) is step
    assert (action in allowed(status, role)) == (step is not None and role in step.who)


def test_the_closed_loop_is_closed() -> None:
    """受理-分流-办理-反馈-评价: from registration to a rating, and from 不满意 into a new round."""
    status = Status.RECEIVED
    for action, role in (
        (Action.ACCEPT, Role.OFFICER),
        (Action.ASSIGN, Role.OFFICER),
        (Action.START, Role.UNIT),
        (Action.RESOLVE, Role.UNIT),
        (Action.REOPEN, Role.RESIDENT),
        (Action.RESOLVE, Role.UNIT),
        (Action.RATE, Role.RESIDENT),
    ):
        status = next_step(status, action, role).next
    assert status is Status.CLOSED


def test_only_supervisors_undo_a_refusal() -> None:
    assert LIFECYCLE[Status.REFUSED, Action.REOPEN].who == {Role.SUPERVISOR, Role.ADMIN}


def test_a_unit_never_accepts_refuses_assigns_or_closes() -> None:
    theirs = {action for (_, action), step in LIFECYCLE.items() if Role.UNIT in step.who}
    assert theirs == {Action.START, Action.RETURN, Action.RESOLVE, Action.NOTE, Action.COMMENT}


def test_the_system_only_closes() -> None:
    theirs = {key for key, step in LIFECYCLE.items() if Role.SYSTEM in step.who}
    assert theirs == {(Status.RESOLVED, Action.CLOSE)}


def test_rounds_open_only_after_a_result() -> None:
    assert {(s, Action.REOPEN) for s in (Status.RESOLVED, Status.CLOSED)} == ROUND_OPENERS
    assert OPEN < UNDER_WAY
    assert {Status.RESOLVED} == UNDER_WAY - OPEN


@given(st.lists(st.tuples(st.sampled_from(list(Action)), st.sampled_from(list(Role))), max_size=60))
def test_no_walk_leaves_the_table(steps: list[tuple[Action, Role]]) -> None:
    status = Status.RECEIVED
    for action, role in steps:
        try:
            status = next_step(status, action, role).next
        except (NotAllowed, NotYours):
            assert action not in allowed(status, role)
        assert status in Status


@given(st.sampled_from(list(Status)))
def test_somebody_can_always_go_on(status: Status) -> None:
    """No status is a trap: from every one a result can be reached again."""
    reached, wave = {status}, {status}
    while wave:
        wave = {step.next for (s, _), step in LIFECYCLE.items() if s in wave} - reached
        reached |= wave
    assert Status.CLOSED in reached


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("action", Action)
def test_staff_give_what_an_action_needs(action: Action, role: Role) -> None:
    needed = STAFF_FIELDS.get(action, frozenset())
    check_fields(action, role, needed)
    for field in needed:
        with pytest.raises(MissingField) as missing:
            check_fields(action, role, needed - {field})
        assert missing.value.facts["field"] == field


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.SYSTEM])
def test_others_give_what_their_dialogue_asked(role: Role) -> None:
    for action in Action:
        check_fields(action, role, frozenset())


def test_low_ratings_reopen() -> None:
    assert [action_for_rating(rating) for rating in range(1, 6)] == [Action.REOPEN] * 2 + [Action.RATE] * 3
