"""What the model had taken a complaint for stays with the case's first event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.cases import queries
from backend.cases.views import Guess
from handlers.guess import guess_of
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import open_case

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def state(**slots: Any) -> dict[str, Any]:
    moment = NOW.isoformat()
    form = {"name": "complaint", "version": 1, "asking": "summary", "since": moment, "asked": moment}
    return {"form": form | {"slots": slots}}


def test_the_likeliest_category_its_confidence_and_who_said_so() -> None:
    slots = {"likely": ["labour", "other"], "confidence": 0.81234, "trusted": True}
    assert guess_of(state(**slots), NOW) == Guess("labour", 0.812, "rasa")
    assert guess_of(state(likely=["labour"]), NOW) == Guess("labour", 0.0, "keywords")


@pytest.mark.parametrize(
    "malformed",
    [
        {},
        {"form": None},
        {"form": {"name": "survey", "slots": {"likely": ["labour"]}}},
        state(),
        state(likely=[]),
        state(likely="labour"),
        state(likely=[5]),
    ],
)
def test_without_a_guess_there_is_none(malformed: dict[str, Any]) -> None:
    assert guess_of(malformed, NOW) is None


def test_a_confidence_that_is_none_counts_as_none() -> None:
    assert guess_of(state(likely=["labour"], confidence="high"), NOW) == Guess("labour", 0.0, "keywords")


async def test_a_case_remembers_what_it_was_taken_for(stage: Stage) -> None:
    number = await open_case(stage)
    case = await stage.case(number)
    async with stage.parts.database.work() as work:
        first = (await queries.history(work, case.id, internal=True))[0]
    assert first.data["category"] == case.category == "property"
    assert first.data["needs_review"] is True
    assert first.data["guess"]["category"] == "property"
    assert first.data["guess"]["source"] == "keywords"
    assert 0 < first.data["guess"]["confidence"] <= 1
