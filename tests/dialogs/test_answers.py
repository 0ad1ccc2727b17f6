"""What sounds like a complaint and answers the question is its answer; what does not answer it is not."""

from __future__ import annotations

import pytest

from tests.dialogs.answers import QUESTIONS, TABLE, Row, recorded, rows, trouble


@pytest.mark.parametrize("row", list(rows()), ids=str)
def test_what_is_said_at_a_question(row: Row) -> None:
    assert not trouble(row, recorded(row.text))


def test_the_table_is_broad() -> None:
    for question in QUESTIONS:
        assert len(TABLE[question]["answers"]) >= 10
        assert len(TABLE[question]["others"]) >= 5
