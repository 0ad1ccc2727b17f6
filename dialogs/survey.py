"""The satisfaction survey (满意度评价): its question, and what a rating or its reason does."""

from __future__ import annotations

from dialogs.messages import CaseBrief, Choice, Say

PURPOSE = "survey"
RATINGS = tuple(Choice(str(rating), f"choice.rating_{rating}") for rating in range(5, 0, -1))


def ask(case: CaseBrief, result_text: str) -> Say:
    """Ask how satisfied the resident is with this round's result."""
    return _question("survey.ask", case, result=result_text)


def remind(case: CaseBrief) -> Say:
    """Ask once more, for the same round."""
    return _question("survey.remind", case)


def _question(key: str, case: CaseBrief, **params: str) -> Say:
    return Say(key, {"number": case.number, **params}, RATINGS, PURPOSE, case.id, case.round)
