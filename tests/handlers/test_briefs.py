"""Where a case stands, in the words of this round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.cases.views import CaseView, EventView, Note
from backend.domain.lifecycle import Action, Role, Status
from backend.domain.rules import Category, Rules
from dialogs.texts import render
from handlers.briefs import progress

RULES = Rules(1, (Category("property", "物业", "zjj", 7),))
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def _case(status: Status, round_: int) -> CaseView:
    return CaseView(
        id=1,
        number="FQ2026-000123",
        category="property",
        summary="楼上漏水",
        place="",
        since="",
        location=None,
        details={},
        crises=(),
        needs_review=False,
        status=status,
        round=round_,
        version=5,
        unit_id=2,
        unit_code="zjj",
        unit_name="住建局",
        due_at=NOW + timedelta(days=10),
        urged_at=None,
        rating=None,
        reporter_id=1,
        conversation_id=1,
        created_at=NOW,
        updated_at=NOW,
    )


def _told(round_: int, text: str) -> EventView:
    return EventView(
        id=round_,
        case_id=1,
        version=round_,
        round=round_,
        action=Action.NOTE,
        from_status=Status.IN_PROGRESS,
        to_status=Status.IN_PROGRESS,
        role=Role.UNIT,
        staff_id=1,
        staff_name="李明",
        data={},
        at=NOW,
        notes=(Note("resident", text),),
    )


def _said(case: CaseView, *history: EventView) -> str:
    return render([(say.key, say.params) for say in progress(case, list(history), RULES)])


def test_news_of_this_round_are_told() -> None:
    said = _said(_case(Status.IN_PROGRESS, 2), _told(1, "我们明天上午来您家看看"), _told(2, "材料已经收到"))
    assert "这是第2轮办理。" in said
    assert "最近一次进展（11月22日）：材料已经收到" in said
    assert "明天上午" not in said


def test_news_of_an_earlier_round_are_no_news() -> None:
    said = _said(_case(Status.ASSIGNED, 2), _told(1, "我们明天上午来您家看看"))
    assert "这是第2轮办理，已经重新安排，有进展会告诉您。" in said
    assert "明天上午" not in said
    assert "最近一次进展" not in said


def test_a_first_round_is_not_counted_and_one_that_is_over_promises_nothing() -> None:
    said = _said(_case(Status.IN_PROGRESS, 1), _told(1, "我们明天上午来您家看看"))
    assert "我们明天上午来您家看看" in said
    assert "轮办理" not in said
    for over in (Status.CLOSED, Status.RESOLVED):
        assert "有进展会告诉您" not in _said(_case(over, 2))
