"""Where a survey stands when its link is opened: to be answered, answered, or overtaken by the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.cases import queries
from backend.cases.views import Actor, EventView
from backend.domain.errors import CaseError
from backend.domain.lifecycle import Action, Role, Status
from bot.pages.links import SurveyLink
from handlers.briefs import last_text
from handlers.parts import Parts


@dataclass(frozen=True, slots=True)
class Survey:
    """What a survey page shows."""

    state: Literal["open", "satisfied", "reopened", "moved_on"]
    number: str
    result: str
    """What staff wrote when they resolved the case."""
    round: int
    """The round that is under way now."""
    due_at: datetime | None
    language: str
    """The resident's."""


async def read_survey(parts: Parts, link: SurveyLink) -> Survey | None:
    """The survey of a link; None when the case is not this resident's. Raises DatabaseUnavailable."""
    actor = Actor(Role.RESIDENT, resident_id=link.resident_id)
    async with parts.database.work() as work:
        try:
            case = await queries.find_by_id(work, link.case_id, actor)
        except CaseError:
            return None
        history = await queries.history(work, case.id, internal=False)
    answer = _answer(history, link.round)
    if answer is Action.RATE:
        state: Literal["open", "satisfied", "reopened", "moved_on"] = "satisfied"
    elif answer is Action.REOPEN and case.round == link.round + 1:
        state = "reopened"
    elif answer is None and case.round == link.round and case.status in {Status.RESOLVED, Status.CLOSED}:
        state = "open"
    else:
        state = "moved_on"
    of_round = [event for event in history if event.round <= link.round]
    result = last_text(of_round, Action.RESOLVE)
    return Survey(state, case.number, result, case.round, case.due_at, case.language)


def _answer(history: list[EventView], round_: int) -> Action | None:
    """The step that the rating of a round was: a low one is the first step of the next round."""
    answers = {(Action.RATE, round_), (Action.REOPEN, round_ + 1)}
    rated = [e.action for e in history if "rating" in e.data and (e.action, e.round) in answers]
    return rated[-1] if rated else None
