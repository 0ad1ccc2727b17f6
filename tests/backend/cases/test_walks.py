"""Random walks through the life cycle on a real database: the invariants of every history."""

from __future__ import annotations

import itertools
import random

import pytest
from sqlalchemy import select

from backend.cases import queries
from backend.cases.views import SYSTEM, Actor
from backend.domain.errors import CaseError
from backend.domain.lifecycle import LIFECYCLE, OPEN, ROUND_OPENERS, Action, Role, Status
from backend.follow_ups.tables import FollowUpRow
from tests.fixtures.staff import Office

GIVEN = {"reason": "有原因", "text": "有内容", "unit": "sifa", "category": "family"}


@pytest.mark.parametrize("seed", range(6))
async def test_a_walk(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    resident = await office.resident()
    case = await office.case(resident)
    staff_id = (await office.person(Role.OFFICER)).member.id
    for _ in range(40):
        action, role = chance.choice(list(Action)), chance.choice(list(Role))
        actor = {
            Role.RESIDENT: resident.actor,
            Role.UNIT: Actor(Role.UNIT, staff_id, case.unit_id or 10**6),
            Role.SYSTEM: SYSTEM,
        }.get(role, Actor(role, staff_id))
        step = LIFECYCLE.get((case.status, action))
        possible = step is not None and role in step.who and not (role is Role.UNIT and case.unit_id is None)
        try:
            after = await office.act(case, action, actor, **GIVEN)
        except CaseError:
            assert not possible
            assert await office.now(case) == case
            continue
        assert possible and step is not None
        assert (after.status, after.version) == (step.next, case.version + 1)
        assert after.round == case.round + ((case.status, action) in ROUND_OPENERS)
        assert (after.due_at is not None) == (after.status in OPEN)
        case = after
    async with office.database.work() as work:
        history = await queries.history(work, case.id, internal=True)
        timers = (
            await work.session.scalars(
                select(FollowUpRow).where(FollowUpRow.case_id == case.id, FollowUpRow.state == "waiting")
            )
        ).all()
    assert [event.version for event in history] == list(range(1, case.version + 1))
    for before, event in itertools.pairwise(history):
        assert event.from_status == before.to_status
        assert event.round >= before.round
    assert history[-1].to_status == case.status
    expected = [(case.round, "survey")] if case.status is Status.RESOLVED else []
    assert [(timer.round, timer.kind) for timer in timers] == expected
