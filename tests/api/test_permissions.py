"""The life cycle's table through the API: every status, action and role, exactly as it says."""

from __future__ import annotations

import httpx
import pytest

from backend.cases.views import SYSTEM, Actor, CaseView
from backend.domain.lifecycle import LIFECYCLE, STAFF_FIELDS, Action, Role, Status
from tests.fixtures.staff import Office, Resident

STAFF = (Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN)
GIVEN = {"reason": "有原因", "text": "有内容", "unit": "sifa", "category": "family"}
OFFICER = Actor(Role.OFFICER)

WAYS: dict[Status, tuple[Action, ...]] = {
    Status.RECEIVED: (),
    Status.ACCEPTED: (Action.ACCEPT, Action.ASSIGN, Action.RETURN),
    Status.REFUSED: (Action.REFUSE,),
    Status.ASSIGNED: (Action.ACCEPT, Action.ASSIGN),
    Status.IN_PROGRESS: (Action.ACCEPT, Action.ASSIGN, Action.START),
    Status.RESOLVED: (Action.ACCEPT, Action.ASSIGN, Action.RESOLVE),
    Status.CLOSED: (Action.ACCEPT, Action.ASSIGN, Action.RESOLVE, Action.CLOSE),
    Status.WITHDRAWN: (Action.ACCEPT, Action.ASSIGN, Action.WITHDRAW),
}
"""How to get a case there; a unit's case stays in its sight."""


async def case_at(office: Office, resident: Resident, status: Status) -> CaseView:
    case = await office.case(resident)
    for action in WAYS[status]:
        actor = SYSTEM if action is Action.CLOSE else OFFICER
        case = await office.act(case, action, actor, **{f: GIVEN[f] for f in STAFF_FIELDS.get(action, ())})
    assert case.status is status
    return case


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("status", Status)
async def test_exactly_what_the_table_allows(
    office: Office, client: httpx.AsyncClient, status: Status, role: Role
) -> None:
    bearer = (await office.person(role, "sifa" if role is Role.UNIT else "centre")).bearer
    resident = await office.resident()
    case = await case_at(office, resident, status)
    sees = role is not Role.UNIT or case.unit_code == "sifa"
    seen = await client.get(f"/api/cases/{case.number}", headers=bearer)
    assert seen.status_code == (200 if sees else 404)
    expected = {a for (s, a), step in LIFECYCLE.items() if s is status and role in step.who}
    if sees:
        assert set(seen.json()["allowed_actions"]) == {action.value for action in expected}
    for action in Action:
        step = LIFECYCLE.get((status, action))
        answer = await client.post(
            f"/api/cases/{case.number}/actions/{action.value}",
            json={"version": case.version, **({} if action is Action.ACCEPT else GIVEN)},
            headers=bearer,
        )
        if not sees:
            assert answer.status_code == 404, action
        elif step is None:
            assert (answer.status_code, answer.json()["error"]) == (422, "not_allowed"), action
        elif role not in step.who:
            assert (answer.status_code, answer.json()["error"]) == (403, "not_yours"), action
        else:
            assert answer.status_code == 200, (action, answer.text)
            assert answer.json()["status"] == step.next.value
            assert answer.json()["version"] == case.version + 1
            case = await case_at(office, resident, status)
            continue
        assert await office.now(case) == case, action


@pytest.mark.parametrize("action", STAFF_FIELDS)
async def test_a_missing_field_is_named(office: Office, client: httpx.AsyncClient, action: Action) -> None:
    supervisor = await office.person(Role.SUPERVISOR)
    status = next(s for (s, a), step in LIFECYCLE.items() if a is action and Role.SUPERVISOR in step.who)
    case = await case_at(office, await office.resident(), status)
    for field in STAFF_FIELDS[action]:
        given = {f: GIVEN[f] for f in STAFF_FIELDS[action] - {field}}
        answer = await client.post(
            f"/api/cases/{case.number}/actions/{action.value}",
            json={"version": case.version, field: "  " if field in {"text", "reason"} else "", **given},
            headers=supervisor.bearer,
        )
        assert answer.status_code == 422
        assert answer.json()["error"] == "missing_field"
        assert answer.json()["facts"]["field"] == field
