"""跳过 as a button: it leaves the question that it stands under, and no other."""

from __future__ import annotations

import pytest

from dialogs.interrupts import COMMANDS
from dialogs.messages import Choice, Message, Prompt
from dialogs.picks import SKIP
from tests.dialogs.world import World, understood


@pytest.fixture
def world() -> World:
    """A quarrel among neighbours is told: the next question is the place."""
    world = World()
    world.say("楼上天天半夜拖椅子", understood("邻里", 0.9))
    assert "哪里发生" in world.say("1")
    return world


def skip(world: World, asked: Prompt) -> str:
    world.wait(10)
    return world.send(Message("choice", world.now, choice=SKIP, prompt=asked))


def asked_for_mediation(world: World) -> Prompt:
    world.say("跳过")
    assert "调解过吗" in world.say("跳过")
    return world.prompts[-1]


def test_it_leaves_a_question_with_choices(world: World) -> None:
    prompt = asked_for_mediation(world)
    assert [choice.id for choice in prompt.choices] == ["yes", "no"]
    assert "方便留个电话吗" in skip(world, prompt)
    assert world.state["form"]["slots"]["mediated"] == ""


def test_it_leaves_a_question_without_choices(world: World) -> None:
    assert "从什么时候" in skip(world, world.prompts[-1])


def test_a_second_tap_leaves_nothing_more(world: World) -> None:
    place = world.prompts[-1]
    skip(world, place)
    before = world.state["form"]
    assert "过期" in skip(world, place)
    assert world.state["form"]["slots"] == before["slots"]
    assert world.state["form"]["asking"] == "since"
    prompt = asked_for_mediation_after_the_time(world)
    assert "过期" in skip(world, place), "nor does it where choices are offered"
    assert "方便留个电话吗" in skip(world, prompt)


def asked_for_mediation_after_the_time(world: World) -> Prompt:
    assert "调解过吗" in world.say("上个月")
    return world.prompts[-1]


def test_a_question_that_was_asked_again_is_left_by_either_button(world: World) -> None:
    first = asked_for_mediation(world)
    assert "不收费" in world.say("要钱吗", understood("faq_cost", 0.9))
    assert world.prompts[-1].id != first.id
    assert "方便留个电话吗" in skip(world, first)


def test_where_another_question_stands_in_between_it_leaves_nothing(world: World) -> None:
    prompt = asked_for_mediation(world)
    world.say("取消")
    assert world.prompts[-1].choices[0].id == "cancel_yes"
    assert "过期" in skip(world, prompt)
    assert "mediated" not in world.state["form"]["slots"]


def test_it_leaves_no_question_that_must_be_answered(world: World) -> None:
    world = World()
    world.say("我要投诉", understood("report", 0.9))
    asked = world.prompts[-1]
    assert "过期" not in skip(world, asked)
    assert world.state["form"]["asking"] == "story"


def test_after_the_form_it_is_too_late(world: World) -> None:
    place, prompt = world.prompts[-1], asked_for_mediation(world)
    world.say("取消")
    world.say("是")
    assert "form" not in world.state
    assert "过期" in skip(world, prompt)
    assert "过期" in skip(world, place)


def test_it_stands_under_questions_of_a_form_alone(world: World) -> None:
    survey = Prompt(99, "survey", (Choice("5", "survey.5"),), case_id=1, round=1, sent_at=world.now)
    world.prompts.append(survey)
    assert "过期" in skip(world, survey)
    assert world.state["form"]["asking"] == "place"


def test_it_is_a_word_of_the_residents() -> None:
    assert SKIP in COMMANDS
