"""What a resident hears of what the staff did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.domain.lifecycle import Action, Status
from dialogs.messages import CaseBrief, Say
from dialogs.notices import notice
from dialogs.texts import text

CASE = CaseBrief(
    1,
    "FQ2026-000123",
    "物业",
    "漏水",
    Status.ASSIGNED,
    2,
    unit_name="住建局",
    due_at=datetime(2026, 12, 1, 10, tzinfo=UTC),
)
TOLD = [
    (Action.ACCEPT, {}, "您反映的物业问题（FQ2026-000123）已受理"),
    (Action.REFUSE, {"reason": "已经起诉"}, "没有受理，原因是：已经起诉"),
    (Action.ASSIGN, {}, "已交由住建局办理，最迟12月1日前答复您。"),
    (Action.ASSIGN, {"due": "12月5日", "unit": "街道"}, "已交由街道办理，最迟12月5日前答复您。"),
    (Action.START, {}, "住建局已经开始办理"),
    (Action.NOTE, {"text": "周五上门"}, "关于您反映的物业问题（FQ2026-000123）：周五上门"),
    (Action.RESOLVE, {"text": "已修好"}, "已办结：已修好"),
    (Action.CLOSE, {"reason": "当事人和解"}, "已结束办理，原因是：当事人和解"),
    (Action.CLOSE, {}, "如果还有问题，直接告诉我们"),
    (Action.REOPEN, {}, "重新办理（第2轮），最迟12月1日前答复您。"),
    (Action.WITHDRAW, {"reason": "重复登记"}, "已撤回，原因是：重复登记"),
    (Action.WITHDRAW, {}, "已撤回，不再办理"),
    (Action.RECLASSIFY, {}, "改为【物业】类办理"),
]


def said(say: Say | None) -> str:
    assert say is not None
    return text(say.key, say.params)


@pytest.mark.parametrize(("action", "facts", "words"), TOLD)
def test_a_resident_hears_of_a_step(action: Action, facts: dict[str, str], words: str) -> None:
    assert words in said(notice(action, CASE, facts))


@pytest.mark.parametrize(
    "action", [Action.COMMENT, Action.RETURN, Action.RATE, Action.URGE, Action.SUPPLEMENT]
)
def test_a_resident_does_not_hear_of_others(action: Action) -> None:
    assert notice(action, CASE, {"text": "内部", "reason": "内部"}) is None


def test_without_a_deadline_none_is_promised() -> None:
    undated = replace(CASE, due_at=None)
    assert "有进展会告诉您" in said(notice(Action.ASSIGN, undated, {}))
    assert "重新办理，有进展会告诉您" in said(notice(Action.REOPEN, undated, {}))


def test_other_is_not_said_of_somebodys_trouble() -> None:
    assert said(notice(Action.ACCEPT, replace(CASE, category_name="其他"), {})).startswith("您反映的问题（")


def test_a_refusal_without_its_reason_is_not_sent() -> None:
    with pytest.raises(ValueError, match="refuse"):
        notice(Action.REFUSE, CASE, {"reason": ""})
