"""What a channel is told of a question besides its words: how it can be left unanswered."""

from __future__ import annotations

import pytest

from backend.conversations.views import OutgoingView
from dialogs.complaint_questions import QUESTIONS
from dialogs.definition import PURPOSE, Question
from dialogs.filling import Filling
from handlers.messages import Capabilities, Rendered
from handlers.rendering import render
from tests.dialogs.world import CODES, START, World

BUTTONS = Capabilities(reply="push", buttons=True)


def shown(*keys: str, purpose: str = PURPOSE, language: str = "zh_CN") -> Rendered:
    """A message of these sentences on a channel with buttons."""
    view = OutgoingView(
        id=1,
        conversation_id=1,
        kind="reply",
        parts=tuple((key, {}) for key in keys),
        literal=None,
        choices=(),
        purpose=purpose,
        case_id=None,
        round=None,
        attachment_id=None,
        language=language,
        state="sent",
        way=None,
        reason=None,
        rendered="as it was sent",
        staff_id=None,
        created_at=START,
        sent_at=START,
        attempts=1,
    )
    return render(view, BUTTONS)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slot)
def test_only_what_may_be_left_can_be_left_by_a_tap(question: Question, code: str) -> None:
    slots = {"category": code, "story": "楼上漏水", "photo_place": "", "matters": []}
    filling = Filling("complaint", 1, question.slot, START, START, slots)
    says = question.ask(filling, World().context)
    skip = shown(*(say.key for say in says)).skip
    assert not skip or question.optional, "the form would refuse it"
    assert skip or not (question.optional and question.typed), "it would have to be typed"


@pytest.mark.parametrize(("language", "word"), [("zh_CN", "跳过"), ("en", "Skip"), ("mn", "Алгасах")])
def test_the_button_speaks_the_residents_language(language: str, word: str) -> None:
    assert shown("complaint.noted", "complaint.ask_since", language=language).skip == word


def test_no_other_message_can_be_left() -> None:
    assert shown("complaint.ask_since", "complaint.ask_story").skip == ""
    assert shown("help", purpose="").skip == ""
    assert shown().skip == ""
