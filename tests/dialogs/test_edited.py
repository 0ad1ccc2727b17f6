"""Words that are changed while a complaint waits, is in doubt, or holds two matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.lifecycle import Status
from dialogs import asks
from dialogs.messages import Matter, Message, Supplement
from tests.dialogs.world import World, understood


@pytest.fixture
def world() -> World:
    return World()


def change(world: World, before: str, after: str, **fields: object) -> str:
    world.wait(10)
    message = Message("edit", world.now, after, before=before)
    meaning = fields.pop("meaning", None)
    return world.send(replace(message, **fields), meaning)  # type: ignore[arg-type]


def test_a_story_that_waits_for_the_answer_where_it_belongs(world: World) -> None:
    world.add_case("物业", Status.IN_PROGRESS)
    world.wait(10)
    world.say("楼上漏水漏到我家客厅", understood("邻里", 0.9))
    assert world.prompts[-1].purpose == "case_or_new"
    assert "按您改的" in change(world, "楼上漏水漏到我家客厅", "楼上漏水漏到我家卧室")
    world.wait(10)
    world.say("1")
    assert world.effects[-1] == Supplement(1, "楼上漏水漏到我家卧室")


def test_a_complaint_that_waits_for_its_turn(world: World) -> None:
    world.say("楼上漏水漏到我家客厅", understood("邻里", 0.9))
    world.wait(10)
    world.say("另外 工地老板欠我四万块工钱不给", understood("劳资", 0.95))
    world.wait(10)
    world.say("新的事情")
    assert "按您改的" in change(world, "楼上漏水漏到我家客厅", "楼上漏水漏到我家卧室")
    assert "漏到我家卧室" in str(world.state["paused"])
    assert "再发一遍" in change(world, "楼下停水没人管", "楼下停电没人管")


def test_what_is_kept_while_it_is_in_doubt(world: World) -> None:
    world.say("楼上漏水漏到我家客厅", understood("邻里", 0.9))
    world.wait(10)
    world.say("另外 工地老板欠我四万块工钱不给", understood("劳资", 0.95))
    assert world.prompts[-1].purpose == "same_or_new"
    assert "按您改的" in change(world, "另外 工地老板欠我四万块工钱不给", "另外 工地老板欠我五万块工钱不给")
    assert "五万块" in str(world.state["form"]["said"])


def test_two_matters_that_become_one_and_more_of_one(world: World) -> None:
    both = (Matter("电梯坏了三天", understood("物业", 0.9)), Matter("老板欠我工钱", understood("劳资", 0.9)))
    world.say("电梯坏了三天 另外老板欠我工钱", understood("物业", 0.9, matters=both))
    assert len(world.state["form"]["slots"]["matters"]) == 2
    world.wait(10)
    world.say("他们从来不接电话也不见人影")
    assert "按您改的" in change(world, "他们从来不接电话也不见人影", "他们从来不接电话也不回信")
    assert "不回信" in world.state["form"]["slots"]["story"]
    assert any("不回信" in part["text"] for part in world.state["form"]["slots"]["matters"])


def test_two_matters_told_in_other_words(world: World) -> None:
    both = (Matter("电梯坏了三天", understood("物业", 0.9)), Matter("老板欠我工钱", understood("劳资", 0.9)))
    world.say("电梯坏了三天 另外老板欠我工钱", understood("物业", 0.9, matters=both))
    change(world, "电梯坏了三天 另外老板欠我工钱", "电梯坏了三天没人修", meaning=understood("物业", 0.95))
    assert not world.state["form"]["slots"]["matters"]
    assert "【物业】" in change(world, "电梯坏了三天没人修", "电梯坏了四天没人修")


def test_what_the_changed_story_says_unasked_goes_before_what_the_old_one_said(world: World) -> None:
    world.say("老板欠我工资8000", understood("劳资", 0.95, entities=(("amount", "8000"),)))
    meaning = understood("劳资", 0.95, entities=(("amount", "9000"), ("colour", "red")))
    change(world, "老板欠我工资8000", "老板欠我工资9000", meaning=meaning)
    assert world.state["form"]["slots"]["amount"] == "9000"
    assert "colour" not in world.state["form"]["slots"]


def test_a_picture_that_comes_with_the_changed_words(world: World) -> None:
    world.say("楼上漏水漏到我家客厅", understood("邻里", 0.9))
    change(world, "楼上漏水漏到我家客厅", "楼上漏水漏到我家卧室", attachments=(7,))
    assert world.state["form"]["slots"]["attachments"] == [7]


def test_words_without_a_before_and_another_form_are_left_alone(world: World) -> None:
    assert "再发一遍" in change(world, " ", "楼上漏水漏到我家客厅")
    world.add_case("物业", Status.IN_PROGRESS)
    world.say("补充")
    assert "再发一遍" in change(world, "楼下停水", "楼下停电")


def test_a_part_of_the_story_is_no_message_of_its_own(world: World) -> None:
    world.say("楼上漏水漏到我家客厅", understood("邻里", 0.9))
    assert "再发一遍" in change(world, "漏水", "漏油")


def test_what_a_question_is_after() -> None:
    assert asks.wanted(["complaint.noted", "complaint.ask_contact"]) == "phone"
    assert asks.wanted(["complaint.ask_place_labour"]) == "place"
    assert asks.wanted(["complaint.ask_place", "complaint.ask_since"]) == ""
    assert asks.wanted([]) == ""
