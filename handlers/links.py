"""What a resident does through a signed link: look at their case's progress or a picture, answer a survey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.cases import queries, service
from backend.cases.views import Actor, Given
from backend.conversations import alerts, outbox
from backend.domain.errors import CaseError
from backend.domain.lifecycle import SATISFIED_FROM, STATUS_NAMES, Action, Role, Status, allowed
from handlers.parts import Parts


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, as a resident may read it."""

    at: datetime
    status: Status
    status_name: str
    action: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """Where a case stands; nothing of the other side."""

    number: str
    category_name: str
    summary: str
    status: Status
    status_name: str
    round: int
    unit_name: str
    due_at: datetime | None
    rating: int | None
    takes_files: bool
    """Whether the resident may add to it."""
    language: str
    """The resident's."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RateResult:
    """What a rating did: `thanks`, `reopened` (the next round began), or `moved_on` (too late to rate)."""

    outcome: str
    number: str = ""
    round: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours and the language of whom it was sent to."""

    file: Attachment
    language: str


async def picture(parts: Parts, outgoing_id: int, conversation_id: int) -> Picture | None:
    """What a message of this conversation shows; None for another's, and for one that shows nothing."""
    async with parts.database.work() as work:
        message = await outbox.find_outgoing(work, outgoing_id, conversation_id)
        if message is None or message.attachment_id is None:
            return None
        file = await attachments.find(work, message.attachment_id)
    if file is None or file.conversation_id != conversation_id:
        return None
    return Picture(file, message.language)


async def progress(parts: Parts, case_id: int, resident_id: int) -> CaseProgress | None:
    """The resident's own case; None when it is not theirs."""
    actor = Actor(Role.RESIDENT, resident_id=resident_id)
    async with parts.database.work() as work:
        try:
            case = await queries.find_by_id(work, case_id, actor)
        except CaseError:
            return None
        rules = await parts.rules.current(work)
        history = await queries.history(work, case_id, internal=False)
    shown = [event for event in history if event.action is not Action.COMMENT]
    return CaseProgress(
        number=case.number,
        category_name=rules.category(case.category).name,
        summary=case.summary,
        status=case.status,
        status_name=STATUS_NAMES[case.status],
        round=case.round,
        unit_name=case.unit_name,
        due_at=case.due_at,
        rating=case.rating,
        takes_files=Action.SUPPLEMENT in allowed(case.status, Role.RESIDENT),
        language=case.language,
        steps=tuple(
            Step(
                at=event.at,
                status=event.to_status,
                status_name=STATUS_NAMES[event.to_status],
                action=event.action.value if event.action else "register",
                texts=tuple(note.text for note in event.notes),
            )
            for event in shown
        ),
    )


async def rate(parts: Parts, case_id: int, resident_id: int, round_: int, rating: int) -> RateResult:
    """Record a rating (1-5) of a round; the same tap twice is one."""
    actor = Actor(Role.RESIDENT, resident_id=resident_id)
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        try:
            case = await service.rate(work, rules, case_id, round_, rating, actor)
        except CaseError:
            return RateResult("moved_on")
        if rating < SATISFIED_FROM:
            await alerts.raise_alert(
                work, "dissatisfied", case.conversation_id, codes=[f"rating:{rating}"], case_id=case.id
            )
        await work.commit()
    outcome = "thanks" if rating >= SATISFIED_FROM else "reopened"
    return RateResult(outcome, case.number, case.round, case.due_at)


async def rate_reason(parts: Parts, case_id: int, resident_id: int, text: str) -> bool:
    """Attach why the resident was not satisfied; False when the case takes nothing more."""
    actor = Actor(Role.RESIDENT, resident_id=resident_id)
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        try:
            await service.act(work, rules, case_id, Action.SUPPLEMENT, actor, Given(text=text))
        except CaseError:
            return False
        await work.commit()
    return True
