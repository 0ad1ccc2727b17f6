"""Cases as dialogues and sentences see them."""

from __future__ import annotations

from backend.cases.views import CaseView, EventView
from backend.domain.lifecycle import OPEN, Action, Status
from backend.domain.rules import Rules
from dialogs.messages import CaseBrief, Say
from dialogs.texts import date_text


def brief(case: CaseView, rules: Rules) -> CaseBrief:
    """What a dialogue may know of a case."""
    return CaseBrief(
        id=case.id,
        number=case.number,
        category_name=rules.category(case.category).name,
        summary=case.summary,
        status=case.status,
        round=case.round,
        unit_name=case.unit_name,
        due_at=case.due_at,
        version=case.version,
    )


def progress(case: CaseView, history: list[EventView], rules: Rules) -> tuple[Say, ...]:
    """Where a case stands, and the last thing that staff told the resident in this round of it."""
    due = date_text(case.due_at) if case.due_at else ""
    params = {"number": case.number, "category": rules.category(case.category).name}
    match case.status:
        case Status.RECEIVED:
            params["accept_by"] = due
        case Status.ASSIGNED | Status.IN_PROGRESS:
            params |= {"unit": case.unit_name, "due": due}
        case Status.RESOLVED:
            params["result"] = last_text(history, Action.RESOLVE)
        case Status.REFUSED:
            params["reason"] = last_text(history, Action.REFUSE)
        case _:
            pass
    says = [Say(f"progress.{case.status.value}", params)]
    told = [
        event
        for event in history
        if event.action is Action.NOTE and event.notes and event.round == case.round
    ]
    if case.round > 1:
        news = told or case.status not in OPEN
        says.append(Say("progress.round" if news else "progress.new_round", {"round": str(case.round)}))
    if told:
        latest = told[-1]
        says.append(Say("progress.latest", {"date": date_text(latest.at), "text": latest.notes[-1].text}))
    return tuple(says)


def last_text(history: list[EventView], action: Action) -> str:
    """What staff wrote to the resident with the last step of this kind."""
    texts = [
        note.text
        for event in history
        if event.action is action
        for note in event.notes
        if note.audience == "resident"
    ]
    return texts[-1] if texts else ""
