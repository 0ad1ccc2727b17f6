"""The threshold curve says what the form would do: held against the form's own rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import category
from dialogs.filling import Filling
from dialogs.messages import Context
from dialogs.messages import Understanding as Told
from nlu.evaluation import thresholds
from nlu.understanding import CATEGORIES, Understanding, category_ranking
from tests.dialogs.world import CATEGORIES as RULES
from tests.nlu.evaluation.given import answer, taken

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CONTEXT = Context(now=NOW, categories=RULES)
NAMES = {rule.code: rule.name for rule in RULES}


@given(
    st.lists(st.floats(0.01, 1), min_size=5, max_size=5, unique=True),
    st.sampled_from([*CATEGORIES, "greeting"]),
    st.floats(0.1, 1),
)
def test_what_the_form_would_ask(shares: list[float], intent: str, confidence: float) -> None:
    # The intent, when it is a category, is the likeliest one.
    ranked = dict(zip(CATEGORIES, shares, strict=True))
    ranked |= {intent: 2.0} if intent in CATEGORIES else {}
    meaning = Understanding(intent, confidence, category_ranking(ranked))
    told = Told(intent, confidence, meaning.ranking, source="rasa")
    slots = category.guess(told, CONTEXT)
    filling = Filling("complaint", 1, "category", NOW, NOW, slots)
    step = thresholds.step([taken_as(meaning)], category.CATEGORY_SURE)
    assert step.proposed == category.is_sure(filling)
    if step.named:
        assert tuple(NAMES[code] for code in slots["likely"]) == thresholds.names(meaning)
    elif not step.proposed:
        assert slots["likely"] == []


def taken_as(meaning: Understanding) -> thresholds.Answer:
    return thresholds.Answer(taken("物业", "物业").example, meaning)


def test_a_step_counts_each_kind_of_question() -> None:
    answers = [
        taken("物业", "物业", 0.9),
        taken("邻里", "物业", 0.8),
        answer("邻里", {"物业": 0.6, "邻里": 0.3, "家事": 0.1}),
        answer("家事", {"物业": 0.6, "邻里": 0.3, "家事": 0.1}),
        taken("其他", "其他", 0.9),
    ]
    step = thresholds.step(answers, 0.75)
    assert (step.proposed, step.right, step.named, step.held) == (0.4, 0.5, 0.4, 0.5)
    nothing_is_sure = thresholds.step(answers, 0.99)
    assert (nothing_is_sure.proposed, nothing_is_sure.right, nothing_is_sure.named) == (0, None, 1)
    assert thresholds.step(answers[:1], 0.5).held is None


def test_the_named_question_always_offers_other() -> None:
    assert thresholds.holds(answer("其他", {"物业": 0.5, "邻里": 0.4, "其他": 0.1}))
    assert not thresholds.holds(answer("家事", {"物业": 0.5, "邻里": 0.4, "家事": 0.1}))


def test_bands_leave_out_what_proposes_nothing() -> None:
    answers = [taken("物业", "物业", 0.95), taken("劳资", "物业", 0.95), taken("其他", "其他", 0.95)]
    (band,) = thresholds.bands(answers)
    assert (band.low, band.high, band.count, band.right) == (0.9, 1.0, 2, 0.5)


def test_the_curve_never_proposes_more_for_a_higher_threshold() -> None:
    answers = [taken("物业", "物业", share / 100) for share in range(30, 100, 7)]
    proposed = [step.proposed for step in thresholds.curve(answers)]
    assert proposed == sorted(proposed, reverse=True)
    assert proposed[0] == 1 and proposed[-1] == pytest.approx(0)
