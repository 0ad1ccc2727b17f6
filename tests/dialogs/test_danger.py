"""Which cards a danger gets, and which advice is repeated afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dialogs import danger
from dialogs.texts import text
from nlu.safety import KINDS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICE, AMBULANCE, FIRE_BRIGADE = "110", "120", "119"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (("violence", "domestic_violence"), ("domestic_violence",)),
        (("violence", "minors"), ("minors",)),
        (("domestic_violence", "minors"), ("at_home",)),
        (("violence", "domestic_violence", "minors"), ("at_home",)),
        (("missing", "minors"), ("missing",)),
        (("fire", "gas", "medical"), ("fire",)),
        (("gas", "medical"), ("gas",)),
        (("self_harm", "medical"), ("self_harm",)),
        (("self_harm", "domestic_violence"), ("domestic_violence", "self_harm")),
        (("medical", "violence"), ("medical", "violence")),
        (("gathering",), ()),
        (("unheard_of",), ()),
        ((), ()),
    ],
)
def test_no_card_says_only_what_another_says(told: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert danger.cards(told) == shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_danger_to_somebody_has_a_card_with_a_number(kind: str) -> None:
    if kind == "gathering":
        assert kind not in danger.CARDS
        return
    card = text(f"crisis.{kind}")
    assert any(number in card for number in (POLICE, AMBULANCE, FIRE_BRIGADE))


@pytest.mark.parametrize(
    ("shown", "advice"),
    [
        ({}, ""),
        ({"gathering": 1}, ""),
        ({"violence": 1}, "danger"),
        ({"missing": 1}, "danger"),
        ({"fire": 1}, "fire"),
        ({"gas": 1, "medical": 1}, "fire"),
        ({"medical": 1}, "medical"),
        ({"fire": 1, "self_harm": 60 * 20}, "fire"),
        ({"violence": 1, "self_harm": 1}, "self_harm"),
        ({"self_harm": 24 * 60}, ""),
    ],
)
def test_the_last_card_decides_what_is_repeated(shown: dict[str, int], advice: str) -> None:
    crises = {kind: NOW - timedelta(minutes=ago) for kind, ago in shown.items()}
    assert danger.advice(crises, NOW) == advice
