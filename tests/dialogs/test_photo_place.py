"""Where a photo was taken: one question in the turn of that for the place, nothing without a yes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs.messages import Location
from dialogs.photo_place import photo_taken
from tests.dialogs.world import World, understood

TAKEN = Location(30.26, 120.15)
ASKED = "照片里带着拍摄地点"


@pytest.fixture
def world() -> World:
    """A resident with a complaint whose place is not known yet."""
    world = World()
    world.say("物业不开发票", understood("物业", 0.9))
    return world


def send(world: World, **fields: object) -> str:
    return world.say("", kind="image", attachments=(7,), taken_at=TAKEN, **fields)


def slots(world: World) -> dict[str, object]:
    found: dict[str, object] = world.state["form"]["slots"]
    return found


def test_yes_writes_it_down(world: World) -> None:
    send(world)
    assert ASKED in world.say("1")
    assert "从什么时候" in world.say("1")
    assert slots(world)["location"] == [30.26, 120.15, ""]
    assert slots(world)["place"] == "照片的拍摄地点"


@pytest.mark.parametrize("answer", ["2", "不用", "跳过", "不知道"])
def test_anything_but_a_yes_forgets_it(world: World, answer: str) -> None:
    send(world)
    world.say("1")
    assert "在哪个小区" in world.say(answer)
    assert "30.26" not in str(world.state)
    send(world)
    assert ASKED not in world.say("再说一下")
    assert "30.26" not in str(world.state), "asked once"


@pytest.mark.parametrize(
    "said", ["金桂苑3栋", "电梯坏了三个月 物业说没钱修 业委会也不管 我们住在十八楼的老人怎么办啊"]
)
def test_words_are_read_as_the_place_or_the_story(world: World, said: str) -> None:
    send(world)
    world.say("1")
    reply = world.say(said, understood("物业", 0.9) if len(said) > 20 else understood())
    if len(said) > 20:
        assert ASKED in reply and said in str(slots(world)["story"])
    else:
        assert "从什么时候" in reply and slots(world)["place"] == said
        assert "30.26" not in str(world.state)


def test_a_position_answers_better(world: World) -> None:
    send(world)
    world.say("1")
    assert "几号楼" in world.say("", kind="location", location=Location(28.1, 112.9, "恒大名都"))
    assert slots(world)["place"] == "恒大名都"
    assert "30.26" not in str(world.state)


def test_it_is_not_asked_when_the_place_is_known(world: World) -> None:
    world.say("1")
    world.say("金桂苑3栋")
    reply = send(world)
    assert ASKED not in reply and "30.26" not in str(world.state)


def test_a_place_within_a_story_answers(world: World) -> None:
    send(world)
    world.say("1")
    told = "电梯坏了三个月 物业说没钱修 就在金桂苑3栋 我们都没办法了 求求你们管一管"
    reply = world.say(told, understood("物业", 0.9, entities=(("place", "金桂苑3栋"),)))
    assert "从什么时候" in reply
    assert slots(world)["place"] == "金桂苑3栋" and told in str(slots(world)["story"])
    assert "30.26" not in str(world.state)


def test_a_yes_can_be_taken_back(world: World) -> None:
    send(world)
    world.say("1")
    world.say("1")
    assert ASKED in world.say("上一步")
    assert "在哪个小区" in world.say("2")
    world.say("金桂苑3栋")
    assert "30.26" not in str(world.state)
    assert slots(world)["place"] == "金桂苑3栋"


def test_a_no_cannot_be_made_a_yes_of_nothing(world: World) -> None:
    send(world)
    world.say("1")
    world.say("2")
    assert ASKED in world.say("上一步")
    assert "在哪个小区" in world.say("1")


def test_a_photo_that_was_read_later(world: World) -> None:
    world.say("", kind="image", attachments=(7,))
    world.state = photo_taken(world.state, 8, TAKEN, world.now)
    assert "30.26" not in str(world.state), "another photo"
    world.state = photo_taken(world.state, 7, TAKEN, world.now)
    assert ASKED in world.say("1")


def test_a_photo_that_was_read_when_all_is_over() -> None:
    world = World()
    assert photo_taken({}, 7, TAKEN, world.now + timedelta(days=1)) == {}
