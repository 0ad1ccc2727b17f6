"""Questions asked at the same time are worked out together, and none spoils another's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from nlu.rasa_server.batches import Batches


class Doubler:
    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def test_what_is_asked_together_is_worked_out_together() -> None:
    work = Doubler()
    batches = Batches(work, largest=16)
    assert await asyncio.gather(*(batches.ask(n) for n in range(5))) == [0, 2, 4, 6, 8]
    assert await batches.ask(7) == 14
    assert work.batches == [[0, 1, 2, 3, 4], [7]]


async def test_a_crowd_is_worked_off_in_parts_and_in_order() -> None:
    work = Doubler()
    batches = Batches(work, largest=3)
    assert await asyncio.gather(*(batches.ask(n) for n in range(7))) == [2 * n for n in range(7)]
    assert work.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_bad_question_costs_only_its_own_answer() -> None:
    batches = Batches(Doubler(), largest=16)
    answers = await asyncio.gather(*(batches.ask(n) for n in (1, 13, 3)), return_exceptions=True)
    assert answers[0] == 2 and answers[2] == 6
    assert isinstance(answers[1], ValueError)
    with pytest.raises(ValueError, match="thirteen"):
        await batches.ask(13)


async def test_who_hung_up_is_not_answered() -> None:
    work = Doubler()
    batches = Batches(work, largest=16)
    asked = [asyncio.create_task(batches.ask(n)) for n in (1, 2)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert await asked[1] == 4
    assert await batches.ask(3) == 6
    assert work.batches == [[2], [3]]
