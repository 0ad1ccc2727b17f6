"""Something came due: a survey, its reminder, closing without an answer, a resident nobody came for."""

from __future__ import annotations

from backend.cases import queries, service
from backend.cases.views import SYSTEM, CaseView
from backend.conversations import alerts, entry, outbox
from backend.db.work import Work
from backend.domain.lifecycle import Action, Status
from backend.domain.rules import Rules
from backend.follow_ups import service as follow_ups
from backend.follow_ups.service import FollowUp, Kind
from dialogs import survey
from dialogs.messages import Say
from handlers import saying, waiting
from handlers.briefs import brief, last_text
from handlers.parts import Parts


async def follow_up(parts: Parts, follow_up_id: int) -> None:
    """Do what a timer asked for, unless it was cancelled or done meanwhile."""
    async with parts.database.work() as work:
        due = await follow_ups.find(work, follow_up_id)
        if due is None:
            return
        match due.kind:
            case Kind.HANDOVER_UNCLAIMED | Kind.HANDOVER_STILL_UNCLAIMED:
                done = await waiting.nobody_came(parts, work, due)
            case Kind.OFFICER_SILENT:
                done = await waiting.officer_silent(parts, work, due)
            case _:
                done = await _about_case(parts, work, due)
        if done:
            await work.commit()


async def claim_due(parts: Parts) -> int:
    """Turn everything that is due now into jobs: timers, unclaimed replies, held pushes. How many."""
    async with parts.database.work() as work:
        released = await saying.release_due(work)
        claimed = await follow_ups.claim_due(work)
        if released or claimed:
            await work.commit()
    return released + claimed


async def _about_case(parts: Parts, work: Work, due: FollowUp) -> bool:
    case = await service.lock(work, due.case_id or 0, SYSTEM)
    if not await follow_ups.finish(work, due.id):
        return False
    if case.status is not Status.RESOLVED or case.round != due.round:
        return True
    rules = await parts.rules.current(work)
    match due.kind:
        case Kind.SURVEY:
            history = await queries.history(work, case.id, internal=False)
            question = survey.ask(brief(case, rules), last_text(history, Action.RESOLVE))
            await _push_survey(parts, work, case, due, question)
            await _next(work, case, Kind.SURVEY_REMINDER, rules)
        case Kind.SURVEY_REMINDER:
            link = await _survey_link(parts, work, case)
            await _push_survey(parts, work, case, due, *link, survey.remind(brief(case, rules)))
            await _next(work, case, Kind.SURVEY_CLOSE, rules)
        case _ if await outbox.survey_was_sent(work, case.id, case.round):
            await service.act(work, rules, case.id, Action.CLOSE, SYSTEM)
        case _:
            # Silence is no answer from somebody who was never asked: a person asks by phone.
            codes = ["survey_not_delivered"]
            await alerts.raise_alert(work, "phone", case.conversation_id, codes=codes, case_id=case.id)
    return True


async def _push_survey(parts: Parts, work: Work, case: CaseView, due: FollowUp, *says: Say) -> None:
    await saying.push(
        work,
        case.conversation_id,
        says,
        kind="survey",
        dedup_key=f"{due.kind.value}:{case.id}:{case.round}",
        hold_until=parts.quiet_hours.release(work.now) if parts.quiet_hours else None,
    )


async def _survey_link(parts: Parts, work: Work, case: CaseView) -> tuple[Say, ...]:
    address = await entry.address_of(work, case.conversation_id)
    url = parts.survey_link(address.channel, case.id, case.reporter_id, case.round)
    return (Say("survey.link", {"url": url}),) if url else ()


async def _next(work: Work, case: CaseView, kind: Kind, rules: Rules) -> None:
    wait = rules.follow_up_reminder if kind is Kind.SURVEY_REMINDER else rules.follow_up_close
    await follow_ups.schedule_for_case(work, kind, case.id, case.round, work.now + wait)
