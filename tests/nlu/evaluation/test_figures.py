"""Precision, recall, F1 and their interval, as worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from nlu.evaluation.figures import confusion, interval, macro_f1, scores, top_two
from tests.nlu.evaluation.given import answer, taken

ANSWERS = [taken("物业", "物业"), taken("物业", "劳资"), taken("劳资", "劳资"), taken("其他", "其他")]


def test_scores() -> None:
    by_label = scores(confusion(ANSWERS))
    assert list(by_label) == ["物业", "劳资", "其他"]
    assert (by_label["物业"].precision, by_label["物业"].recall, by_label["物业"].support) == (1.0, 0.5, 2)
    assert (by_label["劳资"].precision, by_label["劳资"].recall) == (0.5, 1.0)
    assert by_label["物业"].f1 == by_label["劳资"].f1 == pytest.approx(2 / 3)
    assert macro_f1(confusion(ANSWERS)) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert macro_f1(Counter({("家事", "其他"): 1})) == 0


def test_the_interval_holds_the_figure_and_narrows_with_more_texts() -> None:
    few = confusion(ANSWERS * 10)
    many = confusion(ANSWERS * 100)
    low, high = interval(few)
    assert low < macro_f1(few) < high
    assert interval(few) == (low, high)
    narrow = interval(many)
    assert low < narrow[0] < macro_f1(many) < narrow[1] < high


def test_no_mistake_leaves_no_room() -> None:
    assert interval(Counter({("家事", "家事"): 5, ("物业", "物业"): 5})) == (1.0, 1.0)


def test_top_two() -> None:
    second = answer("劳资", {"物业": 0.5, "劳资": 0.3, "家事": 0.2})
    third = answer("家事", {"物业": 0.5, "劳资": 0.3, "家事": 0.2})
    assert top_two([second, third, taken("物业", "物业")]) == pytest.approx(2 / 3)
