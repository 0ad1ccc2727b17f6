"""What a member of staff does to a case, from the JSON API and from the workbench alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.attachments import service as attachments
from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, EventView, Given
from backend.db.work import Work
from backend.domain import lifecycle
from backend.domain.errors import NotFound
from backend.domain.lifecycle import Action, Role
from backend.domain.rules import Rules
from backend.organisation.accounts import Member


def actor_of(member: Member) -> Actor:
    """In what capacity this person acts; only a unit's people are bound to their unit's cases."""
    return Actor(member.role, member.id, member.unit_id if member.role is Role.UNIT else None)


def allowed_actions(case: CaseView, member: Member) -> tuple[Action, ...]:
    """What this person may do to the case now."""
    return lifecycle.allowed(case.status, member.role)


async def act(
    work: Work,
    rules: Rules,
    number: str,
    action: Action,
    member: Member,
    given: Given,
    version: int,
) -> CaseView:
    """Take one step on the case that the person saw at `version`; raises as `service.act` does.

    `accept` with a unit also assigns (受理并交办): both steps, or neither.
    """
    actor = actor_of(member)
    case = await queries.find(work, number, actor)
    if action is not Action.ACCEPT or not given.unit:
        return await service.act(work, rules, case.id, action, actor, given, version=version)
    await service.act(work, rules, case.id, action, actor, replace(given, unit=""), version=version)
    return await service.act(work, rules, case.id, Action.ASSIGN, actor, Given(unit=given.unit))


async def give_files(
    work: Work,
    rules: Rules,
    number: str,
    member: Member,
    conversation_id: int,
    attachment_ids: Sequence[int],
    words: str,
) -> None:
    """Put what came in the reporter's conversation into their case (归入案件): a step of its history.

    What belongs to a case already stays there. Raises as `service.act` does, and NotFound for another's case.
    """
    actor = actor_of(member)
    case = await queries.find(work, number, actor)
    if case.conversation_id != conversation_id:
        raise NotFound(number=number)
    loose = await attachments.lock_loose(work, attachment_ids, conversation_id)
    if loose:
        given = Given(text=words, attachments=loose)
        await service.act(work, rules, case.id, Action.SUPPLEMENT, actor, given)


async def changes_since(work: Work, number: str, member: Member, version: int) -> list[EventView]:
    """What happened to a case after the version that somebody saw; raises NotFound."""
    case = await queries.find(work, number, actor_of(member))
    return [event for event in await queries.history(work, case.id, internal=True) if event.version > version]
