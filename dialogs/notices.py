"""What a resident hears when the staff or a timer did something to their case."""

from __future__ import annotations

from backend.domain.lifecycle import Action
from dialogs.messages import CaseBrief, Params, Say
from dialogs.texts import date_text, placeholders, sentences, text

_KEYS = {
    Action.ACCEPT: ("notice.accept",),
    Action.REFUSE: ("notice.refuse",),
    Action.ASSIGN: ("notice.assign", "notice.assign_undated"),
    Action.START: ("notice.start",),
    Action.NOTE: ("notice.note",),
    Action.RESOLVE: ("notice.resolve",),
    Action.CLOSE: ("notice.close", "notice.close_unexplained"),
    Action.REOPEN: ("notice.reopen", "notice.reopen_undated"),
    Action.WITHDRAW: ("notice.withdraw", "notice.withdraw_unexplained"),
    Action.RECLASSIFY: ("notice.reclassify",),
}
"""For each action the sentences that tell it, fullest first."""


def notice(action: Action, case: CaseBrief, facts: Params) -> Say | None:
    """The sentence for a step that the staff or the system took, None when the resident need not hear of it.

    `case` is the case after the step; `facts` may hold text, reason, unit and due, formatted for reading.
    Raises ValueError when the facts leave every sentence for the action incomplete.
    """
    keys = _KEYS.get(action)
    if keys is None:
        return None
    known = _known(case) | {name: value for name, value in facts.items() if value}
    for key in keys:
        needed = placeholders(sentences("zh_CN")[key])
        if needed <= known.keys():
            return Say(key, {name: known[name] for name in sorted(needed)})
    raise ValueError(f"not enough facts to tell a resident of {action.value}")


def _known(case: CaseBrief) -> dict[str, str]:
    known = {
        "number": case.number,
        "category": case.category_name,
        "round": str(case.round),
        "matter": _matter(case),
        "unit": case.unit_name,
        "due": date_text(case.due_at) if case.due_at else "",
    }
    return {name: value for name, value in known.items() if value}


def _matter(case: CaseBrief) -> str:
    """“您反映的其他问题” would sound like a brush-off."""
    if case.category_name == text("category.other"):
        return text("notice.matter_other")
    return text("notice.matter", {"category": case.category_name})
