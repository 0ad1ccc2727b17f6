"""The state between two messages: JSON, forgiving, kept over a deploy."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.lifecycle import Status
from dialogs import filling, router, slots, survey
from dialogs.complaint import FORM
from dialogs.matters import MOST_WAITING
from dialogs.messages import FORM_IDLE, Message, Rate, Supplement
from tests.dialogs.world import START, World, understood

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ASKABLE = [q.slot for q in FORM.questions]
SAID = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["", "老板拖欠工资三个月不给"]) | JSON,
        "intent": st.just("劳资") | JSON,
        "confidence": st.just(0.9) | JSON,
        "attachments": st.just([3]) | JSON,
        "location": st.just([28.1, 112.9, "工地"]) | JSON,
        "ranking": st.just([["劳资", 0.9]]) | JSON,
        "entities": st.just([["place", "工地"]]) | JSON,
        "crises": st.just(["violence"]) | JSON,
        "trusted": st.booleans() | JSON,
        "matters": st.just([]) | JSON,
    }
)
SLOTS = st.dictionaries(
    st.sampled_from([*FORM.slots, "case_id", "number", "given", "old"]), JSON, max_size=8
) | st.fixed_dictionaries(
    {"story": st.just("电梯坏了"), "matters": st.lists(SAID, max_size=3), "waits": JSON}
)
FORMS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["complaint", "supplement", "survey_reason", "older"]),
        "version": st.sampled_from([0, 1, 2, "1"]),
        "asking": st.sampled_from([*ASKABLE, "reason", "cancel", "offer", "gone", 3]),
        "before": st.sampled_from([*ASKABLE, "cancel", "", None]),
        "slots": SLOTS | JSON,
        "misses": st.integers() | st.none(),
        "since": st.sampled_from([START.isoformat(), "2026-11-21", "yesterday", 7]),
        "doubt": st.sampled_from(["", "left", "other", "older", None]),
        "said": st.lists(SAID | JSON, max_size=2) | JSON,
        "answered": st.lists(st.sampled_from([*ASKABLE, "gone"]) | st.integers(), max_size=4) | JSON,
    }
)
STATES = st.fixed_dictionaries(
    {
        "form": FORMS | JSON,
        "paused": st.lists(FORMS | JSON, max_size=2) | JSON,
        "kept": FORMS | JSON,
        "crises": st.dictionaries(st.text(max_size=5), st.just(START.isoformat()) | JSON) | JSON,
        "forwarded": JSON,
        "misses": JSON,
        "arrived": st.tuples(st.text(max_size=5), st.just(START.isoformat()) | JSON).map(list) | JSON,
    }
) | st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(
    state=STATES,
    text=st.sampled_from(["1", "2", "3", "对", "跳过", "上一步", "取消", "恒大名都8号楼", "补充", "😀", ""]),
)
def test_no_stored_state_breaks_a_turn(state: dict[str, Any], text: str) -> None:
    world = World(state=state)
    for words in (text, "1", "金桂苑"):
        world.say(words, understood("物业", 0.9))
        json.dumps(world.state)
    router.resume(state, world.context)
    router.is_busy(state, None, START)
    router.drop_form(state)


def test_another_version_keeps_the_answers_and_asks_again() -> None:
    world = World()
    world.say("物业不开发票", understood("物业", 0.9))
    world.say("1")
    stored = json.loads(json.dumps(world.state))
    assert stored["form"]["asking"] == "place"
    stored["form"] |= {"version": 0, "asking": "place_of_old", "slots": {**stored["form"]["slots"], "old": 1}}
    world.state = stored
    assert "在哪个小区" in world.say("你好", understood("greeting", 0.9))
    slots_now = world.state["form"]["slots"]
    assert slots_now["story"] == "物业不开发票"
    assert slots_now["category"] == "property"
    assert "old" not in slots_now


def test_a_matter_kept_before_a_deploy_is_asked_for_after_it() -> None:
    waiting = {"name": "complaint", "version": 0, "asking": "gone", "slots": {"story": "漏水", "waits": True}}
    world = World(state={"form": {"name": "older"}, "paused": [waiting]})
    assert [say.key for say in router.resume(world.state, world.context)] == ["matters.next_story"]
    world.state = {"paused": [waiting]}
    assert router.resume(world.state, world.context) == (), "it waits until something else is done"


def test_what_waits_has_a_limit_and_is_told() -> None:
    world = World()
    world.say("物业不开发票", understood("物业", 0.9))
    for number in range(6):
        world.wait(10)
        world.say("1")
        world.wait(10)
        category = ("劳资", "物业")[number % 2]
        assert "一件新的事" in world.say(f"这是第{number}件要紧的事情", understood(category, 0.95))
        reply = world.say("2")
        assert ("最早说的那件还没有登记" in reply) is (number >= MOST_WAITING)
    assert len(world.state["paused"]) == MOST_WAITING


def test_a_form_that_no_longer_exists_is_forgotten() -> None:
    world = World(state={"form": {"name": "older"}, "kept": {"name": "older"}})
    assert router.resume(world.state, world.context) == ()


def test_what_a_correction_returns_to_may_be_gone() -> None:
    broken = {"name": "complaint", "version": FORM.version, "asking": "cancel", "before": "gone"}
    world = World(state={"form": {**broken, "slots": {"story": "漏水"}}})
    assert [say.key for say in router.resume(world.state, world.context)] == ["complaint.choose_category"]


@pytest.mark.parametrize("name", ["supplement", "survey_reason"])
def test_a_form_without_its_case_is_forgotten(name: str) -> None:
    world = World(state={"form": {"name": name}})
    assert router.resume(world.state, world.context) == ()


@pytest.mark.parametrize("value", ["yesterday", 7, None, "2026-11-21T10:00:00"])
def test_a_moment_needs_a_zone(value: object) -> None:
    assert filling.moment(value) is None


def test_positions() -> None:
    assert slots.is_position([28.1, 112.9, "恒大名都"])
    for wrong in (None, [1, 2], [1, 2, 3], [1, "2", ""], [999, 0, ""]):
        assert not slots.is_position(wrong)


def test_pushed_prompts_wait_while_a_form_is_warm() -> None:
    world = World()
    assert not router.is_busy(world.state, START, START)
    world.say("物业不开发票", understood("物业", 0.9))
    assert router.is_busy(world.state, START, START + FORM_IDLE - timedelta(seconds=1))
    assert not router.is_busy(world.state, START, START + FORM_IDLE)
    assert router.is_busy(world.state, None, START), "the form's own beginning counts"


def test_a_failed_effect_ends_its_form_and_no_other() -> None:
    complaint = {"form": {"name": "complaint", "slots": {"story": "漏水"}}}
    assert router.drop_form(complaint) == complaint
    assert router.drop_form({}) == {}
    paused = {
        "form": {"name": "survey_reason"},
        "paused": [{"name": "complaint", "slots": {"story": "漏水"}}],
    }
    assert router.drop_form(paused)["form"]["slots"] == {"story": "漏水"}  # type: ignore[index]
    assert router.drop_form({"form": {"name": "supplement"}}) == {}


def test_effects_name_the_case_of_their_form() -> None:
    world = World()
    world.show((survey.ask(world.add_case("物业", Status.RESOLVED), "修好了"),))
    world.say("1")
    world.send(Message("image", world.now, attachments=(7,)))
    assert world.effects == [Rate(1, 1, 1), Supplement(1, "", (7,))]


@pytest.mark.parametrize(
    ("kind", "text", "mode", "needed"),
    [
        ("text", "物业不开发票", "bot", True),
        ("text", "还有一件事", "waiting", True),
        ("text", "还有一件事", "person", False),
        ("text", "1", "bot", False),
        ("text", "１.", "bot", False),
        ("text", "😀", "bot", False),
        ("text", "进度", "bot", False),
        ("text", "催办FQ2026-000123", "bot", False),
        ("text", "非常满意", "bot", False),
        ("text", "13812345678", "bot", False),
        ("image", "天花板都湿了", "bot", True),
        ("edit", "物业不开发票", "bot", True),
        ("image", "", "bot", False),
        ("contact", "王芳 13812345678", "bot", False),
        ("location", "金桂苑", "bot", False),
        ("choice", "", "bot", False),
    ],
)
def test_when_the_model_is_asked(kind: str, text: str, mode: str, needed: bool) -> None:
    world = World(mode=mode)
    world.show((survey.ask(world.add_case("物业", Status.RESOLVED), "修好了"),))
    message = Message(kind, START, text)  # type: ignore[arg-type]
    assert router.needs_model(world.state, message, world.context) is needed
