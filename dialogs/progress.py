"""What residents do with their cases: progress (查进度), supplement (补充), urge (催办), withdraw (撤回)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend.domain.case_number import find_number
from backend.domain.lifecycle import OPEN, STATUS_NAMES, UNDER_WAY, Status
from dialogs import complaint, form, supplement
from dialogs.definition import Heard
from dialogs.memory import Memory, Reply
from dialogs.messages import (
    CaseBrief,
    Choice,
    Context,
    Prompt,
    Say,
    ShowProgress,
    Urge,
    Withdraw,
)
from dialogs.texts import shorten
from dialogs.words import is_among, label_of, vocabulary

ACTIONS: Mapping[str, frozenset[Status]] = {
    "progress": UNDER_WAY,
    "supplement": UNDER_WAY,
    "urge": OPEN,
    "withdraw": OPEN,
}
"""For each thing to do, where a case must stand; progress alone can also be asked of one that is over."""
MOST_LISTED = 5
_SUMMARY_LENGTH = 12
_SHORT = 12
"""Characters of an answer; a longer text tells something."""
WHICH, CONFIRM = "pick_case", "withdraw"
HERE = "supplement-here"


def find(action: str, said: str, memory: Memory, context: Context) -> Reply:
    """Do it to the case that the text names, to the only one there is, or ask which."""
    if number := find_number(said):
        case = next((case for case in context.cases if case.number == number), None)
        return act(action, case, memory, context) if case else Reply(memory, (_not_yours(number),))
    cases = [case for case in context.cases if case.status in ACTIONS[action]]
    if action == "progress":
        cases = cases or list(context.cases)
    choices = [_choice(action, case) for case in cases[:MOST_LISTED]]
    if action == "supplement" and complaint.is_active(memory):
        choices.append(Choice(HERE, "choice.supplement_here"))
    if not choices and complaint.is_active(memory):
        return Reply(memory, (Say("case.not_submitted"),))
    if not choices:
        return Reply(memory, (Say("case.none_under_way" if context.cases else "case.none"),))
    if len(choices) == 1:
        return pick(choices[0].id, memory, context)
    return Reply(memory, (Say(f"pick_case.{action}", choices=tuple(choices), purpose=WHICH),))


def act(action: str, case: CaseBrief, memory: Memory, context: Context) -> Reply:
    """Do it to this case; withdrawing asks once whether it is meant."""
    if action == "progress":
        return Reply(memory, effects=(ShowProgress(case.id),))
    if case.status not in ACTIONS[action]:
        params = {"number": case.number, "status": STATUS_NAMES[case.status]}
        return Reply(memory, (Say("case.not_now", params),))
    if action == "supplement":
        return Reply(memory.begin(supplement.begin(case, context)))
    if action == "urge":
        return Reply(memory, effects=(Urge(case.id),))
    return Reply(memory, (_confirm("case.confirm_withdraw", case),))


def confirm_again(memory: Memory, heard: Heard) -> Say | None:
    """Whether it shall be withdrawn, in plainer words; None unless a yes or the like is the answer."""
    prompt = heard.context.prompt
    if prompt is None or prompt.purpose != CONFIRM or was_interrupted(memory, prompt):
        return None
    case = next((case for case in heard.context.cases if case.id == prompt.case_id), None)
    says = is_among("yes", heard.text) or label_of("withdraw_answer", heard.text)
    answers = says or _speaks_of_it(heard) or heard.means("yes") or heard.means("no")
    return _confirm("case.confirm_again", case) if case and case.status in OPEN and answers else None


def _speaks_of_it(heard: Heard) -> bool:
    """Whether a few words speak of withdrawing and do not surely ask for it: 不想撤了我看错了."""
    named = any(word in heard.text for word in vocabulary()["withdraws"]) and len(heard.text) <= _SHORT
    return named and heard.understanding.intent == "withdraw" and not heard.means("withdraw")


def was_interrupted(memory: Memory, prompt: Prompt) -> bool:
    """Whether a person was called after this was asked: a yes now may be meant for something else."""
    return bool(memory.called and prompt.sent_at and prompt.sent_at <= memory.called)


def pick(choice: str, memory: Memory, context: Context) -> Reply:
    """What a choice of this module's questions does; it names its case, so an old list still works."""
    action, _, which = choice.partition("-")
    if choice == HERE and memory.form and memory.form.name == complaint.FORM.name:
        return Reply(replace(memory, form=form.visit(memory.form, "more", context.now)))
    case = next((case for case in context.cases if str(case.id) == which), None)
    if case is None:
        return Reply(memory, (Say("form.expired"),))
    if action == "withdraw_yes":
        return Reply(memory, effects=(Withdraw(case.id),))
    if action == "withdraw_no":
        return Reply(memory, (Say("case.kept"),))
    return act(action, case, memory, context)


def _confirm(key: str, case: CaseBrief) -> Say:
    choices = (
        Choice(f"withdraw_yes-{case.id}", "choice.withdraw_yes"),
        Choice(f"withdraw_no-{case.id}", "choice.withdraw_no"),
    )
    params = {"number": case.number, "category": case.category_name}
    return Say(key, params, choices, CONFIRM, case.id)


def _not_yours(number: str) -> Say:
    return Say("case.not_yours", {"number": number})


def _choice(action: str, case: CaseBrief) -> Choice:
    params = {
        "number": case.number,
        "category": case.category_name,
        "summary": shorten(case.summary, _SUMMARY_LENGTH),
    }
    return Choice(f"{action}-{case.id}", "choice.case", params)
