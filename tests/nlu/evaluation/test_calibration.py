"""Calibration and Brier score on answers whose figures are plain."""

from __future__ import annotations

import pytest

from nlu.evaluation.calibration import bins, brier_score, expected_calibration_error
from tests.nlu.evaluation.given import answer, taken


def test_bins_hold_each_text_once() -> None:
    answers = [taken("物业", "物业", share) for share in (0.30, 0.35, 0.7, 0.9, 0.99, 1.0)]
    found = bins(answers)
    assert [(held.low, held.count) for held in found] == [(0.3, 2), (0.7, 1), (0.9, 3)]
    assert found[0].confidence == pytest.approx(0.325)


def test_a_probability_that_says_what_happens_has_no_error() -> None:
    right = [taken("物业", "物业", 0.75)] * 3
    assert expected_calibration_error([*right, taken("物业", "劳资", 0.75)]) == pytest.approx(0)


def test_bins_count_by_their_texts() -> None:
    sure_and_wrong = [taken("物业", "劳资", 0.95)]
    modest_and_right = [taken("物业", "物业", 0.65)] * 3
    expected = (1 * 0.95 + 3 * 0.35) / 4
    assert expected_calibration_error([*sure_and_wrong, *modest_and_right]) == pytest.approx(expected)


def test_brier_from_perfect_to_worst() -> None:
    assert brier_score([answer("物业", {"物业": 1.0})]) == 0
    assert brier_score([answer("物业", {"劳资": 1.0})]) == 2
    even = dict.fromkeys(("物业", "劳资", "家事", "邻里", "其他"), 0.2)
    assert brier_score([answer("物业", even)]) == pytest.approx(0.8)
