"""Plays the table of answers: a conversation up to a question, then one text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backend.domain.lifecycle import Status
from dialogs import survey
from dialogs.messages import Matter, OpenCase, RateReason, Supplement, Understanding
from tests.dialogs.world import World, understood

FILE = Path(__file__).parent / "answers.yml"
TABLE: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
QUESTIONS = [name for name in TABLE if name != "heard"]
Meaning = Callable[[str], Understanding]
SUBMIT = "submit"
TWO = {"物业": "小区电梯坏了三天没人修", "劳资": "工地老板欠我老公四万块工钱"}


@dataclass(frozen=True)
class Row:
    """One text at a question, and what it must lead to: an answer as read, or words of the reply."""

    question: str
    text: str
    expected: str
    is_answer: bool

    def __str__(self) -> str:
        return f"{self.question}: {self.text}"


def rows() -> Iterator[Row]:
    for question in QUESTIONS:
        for text, expected in TABLE[question]["answers"].items():
            yield Row(question, text, text if expected is None else expected, is_answer=True)
        for text, words in TABLE[question]["others"].items():
            yield Row(question, text, words, is_answer=False)


def recorded(text: str) -> Understanding:
    """What the model made of a text when the table was written."""
    intent, confidence, entities, dangers = TABLE["heard"][text]
    return understood(intent, confidence, entities=tuple(entities.items()), crises=tuple(dangers))


def at(question: str) -> World:
    """A world in which this question waits for its answer."""
    world = World()
    if question in ("survey_reason", "supplement"):
        case = world.add_case("物业", Status.RESOLVED if question == "survey_reason" else Status.ASSIGNED)
        if question == "survey_reason":
            world.show((survey.ask(case, "已恢复原价"),))
        world.say("1" if question == "survey_reason" else "补充")
    elif question in ("first", "wanted"):
        matters = tuple(Matter(text, understood(name, 0.95)) for name, text in TWO.items())
        world.say(" 还有".join(TWO.values()), understood("物业", 0.95, matters=matters))
        for answer in ("1", "跳过", "跳过", "跳过", "1") if question == "wanted" else ():
            world.wait(10)
            world.say(answer)
    else:
        told = TABLE[question]["told"]
        world.say(told["text"], understood(told["intent"], 0.95))
        for answer in TABLE[question]["reach"]:
            world.wait(10)
            world.say(answer)
    world.wait(10)
    return world


def trouble(row: Row, meaning: Understanding) -> str:
    """What is wrong with where a row leads, empty when nothing is."""
    world = at(row.question)
    reply = world.say(row.text, meaning)
    if not row.is_answer:
        return "" if row.expected in reply else f"no {row.expected!r}"
    got = _answer(row.question, world)
    return "" if got == row.expected else f"read as {got!r}"


def _answer(question: str, world: World) -> str | None:
    form: Mapping[str, Any] = world.state.get("form", {})
    slots = form.get("slots", {})
    if question in ("survey_reason", "supplement"):
        last = world.effects[-1] if world.effects else None
        return last.text if isinstance(last, RateReason | Supplement) else None
    if form.get("doubt"):
        return None
    if question == "wanted":
        return slots.get("wanted") or ("left" if not form else None)
    if question == "first":
        return slots.get("first") or slots.get("category")
    if question == "category":
        return "no" if slots.get("choosing") else slots.get("category") or _proposal(world)
    if question == "summary":
        return SUBMIT if isinstance((world.effects or [None])[-1], OpenCase) else form.get("asking")
    return slots.get(question)


def _proposal(world: World) -> str | None:
    """A no that says what it is instead: another category is proposed at once."""
    slots = world.state["form"]["slots"]
    return "no" if slots["likely"][0] != "property" else None
