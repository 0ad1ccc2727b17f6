"""Open cases and act on them: the only place that writes a case's status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from backend.attachments.service import give_to_case
from backend.cases.queries import case_view
from backend.cases.registration import next_number, register
from backend.cases.tables import CaseEventRow, CaseRow, CaseTextRow
from backend.cases.views import Actor, CaseView, Given, NewCase
from backend.conversations.alerts import STAFF
from backend.conversations.outbox import drop_prompts, topic
from backend.db.queue import CASES
from backend.db.work import Work
from backend.domain import lifecycle
from backend.domain.due import due_at
from backend.domain.errors import BadValue, NotAllowed, NotFound, StaleVersion
from backend.domain.lifecycle import Action, Role, Status
from backend.domain.rules import Rules
from backend.follow_ups import service as follow_ups
from backend.organisation.tables import UnitRow
from backend.organisation.units import unit_by_code

CASE_CHANGED = "case_changed"


async def open_case(work: Work, rules: Rules, new: NewCase) -> CaseView:
    """Register a case; the same confirming message opens it only once.

    Raises BadValue for an unknown category.
    """
    rules.category(new.category)
    number, known = await next_number(work, new.incoming_id)
    if known is not None:
        return case_view(await work.session.get_one(CaseRow, known), None)
    case = await register(work, rules, new, number)
    work.wake(STAFF)
    work.wake(topic(case.conversation_id))
    return case


async def act(
    work: Work,
    rules: Rules,
    case_id: int,
    action: Action,
    actor: Actor,
    given: Given = Given(),
    *,
    version: int | None = None,
) -> CaseView:
    """Take one step: lock the case, check, move it, write the history, change timers, tell the worker.

    `version` is what the actor saw (None = whatever it is now). Raises NotFound (also for what is not theirs
    to see), StaleVersion, NotAllowed, NotYours, MissingField or BadValue; then nothing is written.
    """
    case = await _lock(work, case_id)
    _check_sight(case, actor)
    if version is not None and version != case.version:
        raise StaleVersion(version=version, current=case.version)
    before = Status(case.status)
    step = lifecycle.next_step(before, action, actor.role)
    lifecycle.check_fields(action, actor.role, given.fields())
    unit: UnitRow | None = None
    facts: dict[str, Any] = {}
    if action is Action.ASSIGN:
        case.unit_id = (await unit_by_code(work, given.unit)).id
    if action is Action.RECLASSIFY:
        facts = {"category": rules.category(given.category).code, "was": case.category}
        case.category = given.category
        case.needs_review = False
    if action in {Action.ACCEPT, Action.REFUSE}:
        case.needs_review = False
    if (before, action) in lifecycle.ROUND_OPENERS:
        case.round += 1
        case.rating = None
    if given.rating is not None and action is Action.RATE:
        case.rating = given.rating
    if action is Action.URGE:
        case.urged_at = work.now
    if action is Action.RESOLVE:
        facts["in_time"] = case.due_at is None or work.now <= case.due_at
    case.status = step.next.value
    case.due_at = due_at(action, step.next, case.category, work.now, case.due_at, rules)
    await give_to_case(work, given.attachments, case.id, case.conversation_id)
    await _append(work, case, before, action, actor, given, facts)
    await _change_timers(work, rules, case, before, step.next)
    if case.unit_id is not None:
        unit = await work.session.get(UnitRow, case.unit_id)
    return case_view(case, unit)


async def lock(work: Work, case_id: int, actor: Actor) -> CaseView:
    """The case as it stands, locked until the work ends; raises NotFound, also when it is not theirs."""
    case = await _lock(work, case_id)
    _check_sight(case, actor)
    return case_view(case, await work.session.get(UnitRow, case.unit_id) if case.unit_id else None)


async def rate(work: Work, rules: Rules, case_id: int, round_: int, rating: int, actor: Actor) -> CaseView:
    """Record a resident's rating (1-5) of one round; 1-2 opens the next round at once.

    The same rating twice is one. Raises BadValue for another number, NotAllowed when the round is over.
    """
    if rating not in range(1, 6):
        raise BadValue(field="rating", value=rating)
    case = await lock(work, case_id, actor)
    if case.round != round_:
        raise NotAllowed(status=case.status.value, action=Action.RATE.value)
    if case.rating == rating:
        return case
    return await act(work, rules, case_id, lifecycle.action_for_rating(rating), actor, Given(rating=rating))


async def _lock(work: Work, case_id: int) -> CaseRow:
    case = await work.session.scalar(
        select(CaseRow)
        .where(CaseRow.id == case_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(case_id=case_id)
    return case


def _check_sight(case: CaseRow, actor: Actor) -> None:
    """A unit sees its own cases, a resident theirs; for everybody else a case does not exist."""
    if actor.role is Role.UNIT and (actor.unit_id is None or case.unit_id != actor.unit_id):
        raise NotFound(case_id=case.id)
    if actor.role is Role.RESIDENT and case.reporter_id != actor.resident_id:
        raise NotFound(case_id=case.id)


async def _append(
    work: Work,
    case: CaseRow,
    before: Status | None,
    action: Action | None,
    actor: Actor,
    given: Given,
    facts: Mapping[str, Any],
) -> None:
    """`facts` are codes of what the event changed, beside those of what was given."""
    case.version += 1
    case.updated_at = work.now
    data = dict(facts)
    if given.rating is not None:
        data["rating"] = given.rating
    if action is Action.ASSIGN:
        data["unit"] = given.unit
    if given.attachments:
        data["attachments"] = list(given.attachments)
    event = CaseEventRow(
        case_id=case.id,
        version=case.version,
        round=case.round,
        action=action.value if action else "register",
        from_status=before.value if before else None,
        to_status=case.status,
        role=actor.role.value,
        staff_id=actor.staff_id,
        resident_id=actor.resident_id,
        data=data,
        at=work.now,
    )
    work.session.add(event)
    await work.session.flush()
    internal = action in {Action.COMMENT, Action.RETURN}
    work.session.add_all(
        CaseTextRow(
            case_id=case.id, event_id=event.id, audience="staff" if internal else "resident", text=words
        )
        for words in (given.reason, given.text)
        if words
    )
    if action is not None:
        await work.defer(CASE_CHANGED, queue_name=CASES, lock=f"case:{case.id}", event_id=event.id)
    work.wake(STAFF)
    work.wake(topic(case.conversation_id))


async def _change_timers(work: Work, rules: Rules, case: CaseRow, before: Status, after: Status) -> None:
    if before is after:
        return
    await follow_ups.cancel_for_case(work, case.id)
    await drop_prompts(work, case.id, "survey")
    if after is Status.RESOLVED:
        await follow_ups.schedule_for_case(
            work, follow_ups.Kind.SURVEY, case.id, case.round, work.now + rules.follow_up_after
        )
