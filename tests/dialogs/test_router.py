"""What the transcripts do not reach: words with pictures, old questions, the edges of a turn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.domain.lifecycle import Status
from dialogs import handover, router, survey
from dialogs.complaint import FORM
from dialogs.messages import (
    CallPerson,
    Location,
    Message,
    OpenCase,
    PrivacyShown,
    RaiseCrisis,
    ShowProgress,
    Supplement,
)
from tests.dialogs.world import World, understood


@pytest.fixture
def world() -> World:
    return World()


def tell(world: World) -> None:
    world.say("物业不开发票", understood("物业", 0.9))
    world.say("1")


def test_a_picture_with_words_answers_and_is_kept(world: World) -> None:
    tell(world)
    assert "从什么时候" in world.say("金桂苑3栋", kind="image", attachments=(7,))
    slots = world.state["form"]["slots"]
    assert (slots["place"], slots["attachments"]) == ("金桂苑3栋", [7])


def test_a_position_with_its_name_is_the_place_only_where_a_place_is_asked(world: World) -> None:
    tell(world)
    world.say("恒大名都", kind="location", location=Location(28.1, 112.9, "恒大名都"))
    assert "几号楼" in world.say("电影院", kind="location", location=Location(1, 2, "电影院"))
    assert world.state["form"]["slots"]["place"] == "恒大名都"


def test_a_summary_without_a_story_asks_for_it(world: World) -> None:
    world.state = {"form": {"name": "complaint", "version": FORM.version, "asking": "summary"}}
    assert "遇到了什么事" in world.say("提交")
    assert world.effects == []


def test_a_long_story_where_a_phone_is_asked_joins_the_story(world: World) -> None:
    tell(world)
    world.say("跳过")
    world.say("跳过")
    story = "物业经理还威胁我们说再去找他就把我们家的水和电都停掉 让我们没法住"
    assert "方便留个电话吗" in world.say(story, understood("物业", 0.9))
    assert story in world.state["form"]["slots"]["story"]


def test_a_crisis_while_a_question_about_a_case_waits_keeps_both_texts(world: World) -> None:
    world.add_case("邻里", Status.IN_PROGRESS)
    world.say("楼上又开始装修了")
    assert "110" in world.say("他要打我", understood(crises=("violence",)))
    assert world.state["form"]["slots"]["story"] == "楼上又开始装修了\n他要打我"
    assert "kept" not in world.state


def test_a_crisis_while_waiting_shows_the_card_and_calls_again(world: World) -> None:
    world.say("人工")
    assert "110" in world.say("他要打我", understood(crises=("violence",)))
    assert world.effects == [CallPerson("asked"), RaiseCrisis(("violence",)), CallPerson("crisis")]


def test_the_harm_question_after_a_card_alerts_again_without_another_card(world: World) -> None:
    world.say("老公喝多了闹事", understood("家事", 0.9))
    world.state["form"]["slots"].pop("crises", None)  # type: ignore[attr-defined]
    for answer in ("1", "跳过", "跳过"):
        world.say(answer)
    world.state = {**world.state, "crises": {"domestic_violence": world.now.isoformat()}}
    reply = world.say("有的")
    assert "12338" not in reply
    assert "留个电话吧" in reply
    assert world.effects == [RaiseCrisis(("domestic_violence",))]


def test_an_unknown_kind_of_crisis_still_alerts(world: World) -> None:
    assert world.say("你好", understood("greeting", 0.9, crises=("new_kind",))).startswith("您好")
    assert world.effects == [RaiseCrisis(("new_kind",))]


def test_a_case_that_is_gone_from_the_list(world: World) -> None:
    world.add_case("物业", Status.RESOLVED)
    world.add_case("邻里", Status.RESOLVED)
    world.show((survey.ask(world.cases[0], "修好了"),))
    world.say("进度")
    kept, world.cases = world.cases, []
    assert "过期" in world.say("1")
    assert "过期" in world.say("", kind="choice", choice="5", prompt=world.prompts[0])
    world.cases = kept


def test_a_survey_answered_in_other_words(world: World) -> None:
    world.add_case("物业", Status.RESOLVED)
    world.show((survey.ask(world.cases[0], "修好了"),))
    assert "谢谢您的评价" in world.say("满意的")


def test_a_survey_can_be_clicked_long_after(world: World) -> None:
    world.add_case("物业", Status.RESOLVED)
    world.show((survey.ask(world.cases[0], "修好了"),))
    world.say("反映问题")
    tell(world)
    world.now += timedelta(days=2)
    reply = world.say("", kind="choice", choice="5", prompt=world.prompts[0])
    assert "谢谢您的评价" in reply
    assert "1 接着登记（物业：物业不开发票）" in reply
    assert "在哪个小区" in world.say("1")


def test_a_click_that_the_question_never_offered(world: World) -> None:
    tell(world)
    assert "过期" in world.say("", kind="choice", choice="submit", prompt=world.prompts[-1])
    assert "过期" in world.say("", kind="choice", choice="nonsense")


def test_a_click_on_the_forms_question_while_a_survey_came_in_between(world: World) -> None:
    world.add_case("物业", Status.RESOLVED)
    world.say("反映问题")
    world.say("楼道堵了没人管", understood("邻里", 0.9))
    world.show((survey.ask(world.cases[0], "修好了"),))
    assert "在哪里" in world.say("", kind="choice", choice="yes", prompt=world.prompts[-2])
    assert "过期" in world.say("", kind="choice", choice="yes", prompt=world.prompts[-3])


def test_without_a_known_prompt_a_number_answers_the_form(world: World) -> None:
    world.say("物业不开发票", understood("物业", 0.9))
    world.prompts.clear()
    assert "在哪个小区" in world.say("1")


def test_the_privacy_notice_is_said_once_and_blocks_nothing() -> None:
    world = World(privacy_version="older")
    reply = world.say("物业不开发票", understood("物业", 0.9))
    assert reply.index("您说的内容") < reply.index("【物业】")
    assert [type(effect) for effect in world.effects] == [PrivacyShown]
    assert "您说的内容" not in world.say("1")


@pytest.mark.parametrize(
    ("before", "after"),
    [("2026-1", "2026-1 zh_CN mn"), ("2026-1 en", "2026-1 en mn"), ("2025-1 mn", "2026-1 mn")],
)
def test_what_is_kept_of_the_privacy_notice(before: str, after: str) -> None:
    """A version alone was shown in Chinese."""
    world = World(privacy_version=before)
    assert "нийтэд мэдээлэхгүй" in world.say("монгол")
    assert world.privacy_version == after
    assert "нийтэд мэдээлэхгүй" not in world.say("монгол")


def test_a_turn_in_the_hands_of_a_person_changes_nothing() -> None:
    world = World(mode="person", privacy_version="")
    turn = router.turn({"form": 1}, Message("text", world.now, "在吗"), understood(), world.context)
    assert (turn.state, turn.says, turn.effects) == ({"form": 1}, (), ())


def test_the_question_comes_after_what_an_effect_tells(world: World) -> None:
    world.add_case("邻里", Status.IN_PROGRESS)
    world.say("反映问题")
    turn = router.turn(world.state, Message("text", world.now, "进度"), understood(), world.context)
    assert turn.effects == (ShowProgress(1),)
    assert [say.key for say in turn.after] == ["form.again", "complaint.ask_story"]


def test_pictures_for_a_case_under_way(world: World) -> None:
    world.add_case("邻里", Status.IN_PROGRESS)
    world.say("", kind="image", attachments=(3,))
    world.say("补充一下墙面的情况")
    world.say("1")
    assert world.effects == [Supplement(1, "补充一下墙面的情况", (3,))]


def test_the_fourth_case_is_not_listed(world: World) -> None:
    for _ in range(4):
        world.add_case("邻里", Status.IN_PROGRESS)
    reply = world.say("他们昨天来看了一下就走了")
    assert "4 新的事情" in reply
    assert "FQ2026-000123" not in reply


def test_submitting_keeps_position_and_details(world: World) -> None:
    world.say("工地不发工资", understood("劳资", 0.9, entities=(("amount", "32000"), ("unknown", "x"))))
    world.say("1")
    world.say("", kind="location", location=Location(28.1, 112.9))
    for answer in ("跳过", "跳过", "5个人", "跳过", "提交"):
        world.say(answer)
    (opened,) = world.effects
    assert isinstance(opened, OpenCase)
    assert opened.draft.details == {"amount": "32000", "people": "5"}
    assert opened.draft.location == Location(28.1, 112.9, "")
    assert opened.draft.place == "已发送的位置"


def test_what_handlers_say_of_a_handover() -> None:
    says = (handover.queued(), handover.taken("王"), handover.still_here(), handover.back(), handover.left())
    assert [say.key.removeprefix("handover.") for say in says] == [
        "queued",
        "taken",
        "still_here",
        "back",
        "left",
    ]


def test_what_could_not_be_registered_is_not_called_registered(world: World) -> None:
    world.add_case("物业", Status.ACCEPTED)
    world.say("反映问题")
    for answer in ("1", "跳过", "跳过", "跳过"):
        world.wait(10)
        world.say("物业不开发票" if answer == "1" else answer, understood("物业", 0.9))
        if answer == "1":
            world.wait(10)
            world.say("1")
    world.wait(10)
    world.fails = OpenCase
    assert "刚才没有办成" in world.say("提交")
    tapped = world.prompts[-1]
    assert "已登记" not in world.say("", kind="choice", choice="submit", prompt=tapped)
