"""What is said once a case is registered: the edges that the transcripts do not reach."""

from __future__ import annotations

import pytest

from backend.domain.lifecycle import Status
from dialogs import case_or_new
from dialogs.messages import CallPerson
from tests.dialogs.world import World, understood


@pytest.fixture
def world() -> World:
    world = World()
    world.add_case("物业", Status.IN_PROGRESS)
    return world


def test_what_is_kept_is_registered_when_the_case_is_over_meanwhile(world: World) -> None:
    world.say("楼道的灯也坏了没人修", understood("物业", 0.95))
    world.change(1, status=Status.CLOSED)
    assert "已登记" not in world.say("嗯")
    assert world.state["kept"]["slots"]["story"] == "楼道的灯也坏了没人修"
    world.wait(10)
    assert "这件事我帮您登记" in world.say("新的")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("新的呀", "new"),
        ("不是，是另外一件事。", "new"),
        ("something new", "new"),
        ("对，补充", "same"),
        ("The same one", "same"),
        ("对", ""),
        ("补充 新的", ""),
        ("补充，昨天他们又来了", ""),
        ("", ""),
    ],
)
def test_words_that_say_where_something_belongs(text: str, meant: str) -> None:
    assert case_or_new.said(text) == meant


def test_a_message_without_words_is_kept_and_not_asked_about_again(world: World) -> None:
    world.say("楼道的灯也坏了没人修", understood("物业", 0.95))
    assert "收到照片" in world.say("", kind="image", attachments=(3,))
    assert world.state["kept"]["slots"]["attachments"] == [3]


def test_a_person_is_offered_to_whoever_does_not_find_the_answer(world: World) -> None:
    world.say("楼道的灯也坏了没人修", understood("物业", 0.95))
    for unclear in ("是的", "对", "嗯"):
        world.wait(10)
        reply = world.say(unclear)
    assert "要不要换工作人员来" in reply
    world.say("1")
    assert world.effects == [CallPerson("misunderstood")]
    assert "kept" in world.state


def test_whether_to_withdraw_is_asked_again_only_while_that_can_be_done(world: World) -> None:
    case = world.add_case("邻里", Status.RECEIVED)
    world.say(f"撤回 {case.number}")
    world.wait(10)
    assert "不撤回，就回复" in world.say("随便吧行的", understood("yes", 0.9))
    world.change(case.id, status=Status.RESOLVED)
    world.wait(10)
    assert "撤回" not in world.say("好")
    world.cases.clear()
    world.wait(10)
    assert "撤回" not in world.say("好")


def test_a_yes_too_soon_after_the_question_was_meant_for_something_else(world: World) -> None:
    case = world.add_case("邻里", Status.RECEIVED)
    world.say(f"撤回 {case.number}")
    world.wait(1)
    assert "不撤回，就回复" in world.say("是的")
    assert world.effects == []


def test_a_matter_told_after_that_question_is_no_answer_to_it(world: World) -> None:
    world.say("撤回")
    world.wait(10)
    assert "新的事情" in world.say("老板撤了我的职", understood("劳资", 0.6))
    assert world.state["kept"]["slots"]["story"] == "老板撤了我的职"
