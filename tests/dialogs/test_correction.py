"""What a text takes back of an answer given before, and what only begins like that."""

from __future__ import annotations

import pytest

from dialogs import correction, interrupts, kinds, readers
from dialogs.definition import Heard
from dialogs.messages import Message, Understanding
from tests.dialogs.world import START, World, understood


@pytest.mark.parametrize(
    ("text", "slot", "value", "sure"),
    [
        ("不对，是9号楼", "", "9号楼", False),
        ("说错了是4号楼", "", "4号楼", True),
        ("9号楼 刚才写错了", "", "9号楼", True),
        ("不好意思我打错了，阳光家园吧", "", "阳光家园", True),
        ("地点错了", "place", "", True),
        ("地点不对！", "place", "", False),
        ("改一下电话", "phone", "", True),
        ("我要改电话", "phone", "", False),
        ("帮我把电话改成13812345678", "phone", "13812345678", True),
        ("电话号码写错了，是13812345678", "phone", "13812345678", True),
        ("时间应该是去年", "since", "去年", False),
        ("地址：金桂苑3栋", "place", "金桂苑3栋", False),
        ("对方是绿园物业", "other_party", "绿园物业", False),
        ("改成三个人", "", "三个人", True),
        ("算了不对，是5号楼", "", "5号楼", False),
        ("算了，改成5号楼", "", "5号楼", True),
        ("对方叫王五", "other_party", "王五", False),
        ("有错", "", "", False),
    ],
)
def test_what_is_corrected(text: str, slot: str, value: str, sure: bool) -> None:
    assert correction.parse(text) == correction.Said(slot, value, sure)


@pytest.mark.parametrize(
    ("text", "denied", "value"),
    [("不是8号楼是9号楼", "8号楼", "9号楼"), ("不是4号楼，而是5号楼。", "4号楼", "5号楼")],
)
def test_what_is_wrong_and_what_is_right(text: str, denied: str, value: str) -> None:
    assert correction.parse(text) == correction.Said("", value, sure=False, denied=denied)


@pytest.mark.parametrize(
    "text",
    [
        "改天再说",
        "换个物业公司",
        "恒大名都8号楼",
        "应该",
        "上个月",
        "电话",
        "地点",
        "他们说错了也不改正的",
        "",
    ],
)
def test_what_corrects_nothing(text: str) -> None:
    assert correction.parse(text) is None


def _at_the_time(category: str = "物业") -> World:
    world = World()
    world.say("三天没有发钱也没有扫楼道", understood(category, 0.9))
    for answer in ("1", "城东项目部"):
        world.wait(10)
        world.say(answer)
    world.wait(10)
    return world


def _slots(world: World) -> dict[str, object]:
    return dict(world.state["form"]["slots"])


def test_the_wrong_part_is_replaced_in_the_answer_that_holds_it() -> None:
    world = _at_the_time()
    assert "地点改成“城西项目部”" in world.say("不是城东，是城西")
    world.wait(10)
    assert "时间改成" not in world.say(
        "不是今年，是去年", understood("no", 0.5, entities=(("since", "去年"),))
    )
    assert _slots(world)["since"] == "去年"


def test_what_looks_like_nothing_in_particular_replaces_the_last_answer() -> None:
    assert "地点改成“绿城”" in _at_the_time().say("说错了，是绿城")


def test_a_head_count_is_no_entry_of_every_complaint() -> None:
    world = _at_the_time()
    assert "改成" not in world.say("不对，是3个人")
    assert _slots(world)["place"] == "城东项目部"


def test_what_surely_tells_of_a_dispute_replaces_no_answer() -> None:
    world = _at_the_time()
    world.say("说错了，老板根本不讲理", understood("物业", 0.9))
    assert _slots(world)["place"] == "城东项目部"


@pytest.mark.parametrize("text", ["地点是", "电话是没人接的", "类别是物业", "电话不对，是没人接"])
def test_an_entry_gets_only_what_it_can_hold(text: str) -> None:
    world = _at_the_time()
    world.say(text)
    slots = _slots(world)
    assert (slots["place"], slots["category"]) == ("城东项目部", "property")
    assert "phone" not in slots


def test_nothing_is_taken_back_by_a_message_that_came_too_soon_or_tells_of_danger() -> None:
    world = _at_the_time()
    world.wait(-10)
    world.say("不对，是9号楼")
    assert _slots(world)["place"] == "城东项目部"
    world = _at_the_time()
    assert "110" in world.say("不对，是9号楼有人砍人", Understanding(crises=("violence",)))
    assert _slots(world)["place"] == "城东项目部"


def test_a_position_is_replaced_as_a_whole() -> None:
    world = _at_the_time()
    world.state["form"]["slots"]["place"] = "已发送的位置"  # type: ignore[index]
    assert "地点改成“9号楼”" in world.say("不对，是9号楼")


def test_a_correction_on_the_way_out_is_heard() -> None:
    world = _at_the_time()
    assert "确定不登记了吗" in world.say("取消")
    world.wait(10)
    assert "地点改成“9号楼”" in world.say("说错了，是9号楼").replace("城东项目部", "")
    assert "从什么时候" in world.said[-1][-1] or world.said[-1][-1] == "complaint.ask_since"


@pytest.mark.parametrize(
    ("place", "said", "now"),
    [
        ("恒大名都8号楼", "9号楼", "恒大名都9号楼"),
        ("恒大名都8号楼2单元", "3单元501室", "恒大名都8号楼3单元501室"),
        ("恒大名都8号楼", "9栋", "恒大名都9栋"),
        ("恒大名都", "9号楼", "恒大名都9号楼"),
        ("恒大名都8号楼", "金桂苑9号楼", "金桂苑9号楼"),
        ("", "9号楼", "9号楼"),
    ],
)
def test_a_part_of_an_address_replaces_its_like(place: str, said: str, now: str) -> None:
    assert readers.amended(place, said) == now


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("9号楼", {"place"}),
        ("8-2-301", {"place"}),
        ("昨天", {"since"}),
        ("2023.5", {"since"}),
        ("三万二", {"amount"}),
        ("三个人", {"people"}),
        ("就我一个人", {"people"}),
        ("三百个人", {"people"}),
        ("13812345678", {"phone"}),
        ("张三", set()),
    ],
)
def test_what_words_look_like(text: str, looks: set[str]) -> None:
    assert kinds.of(text) == looks


def test_sums_and_heads_are_told_apart() -> None:
    assert [kinds.is_sum(text) for text in ("一万三", "13000", "300", "三千人", "很多")] == [True, True] + [
        False
    ] * 3


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("你们收费吗", True),
        ("要带什么？", True),
        ("我想问一下要带什么", True),
        ("请问在哪里办", True),
        ("算了，我想问几点下班", True),
        ("恒大名都8号楼", False),
        ("不晓得什么时候", False),
        ("欠了我们那么多", False),
        ("也不知道为什么", False),
    ],
)
def test_what_asks(text: str, asks: bool) -> None:
    assert readers.asks(text) is asks


def _heard(text: str, **found: object) -> Heard:
    return Heard(Message("text", START, text), Understanding(**found), World().context)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "等一下我去找电话号码",
        "稍等",
        "等一下",
        "好的，等会儿",
        "我找一下",
        "等会儿发给你",
        "我去找合同",
        "你等一下我看看",
    ],
)
def test_who_asks_for_patience_is_waited_for(text: str) -> None:
    assert interrupts.waits(_heard(text))


@pytest.mark.parametrize(
    "text", ["等一下物业又来了", "等了三年了", "我找过居委会", "等等党", "等他们来修", "马上要过年了"]
)
def test_who_tells_something_is_not(text: str) -> None:
    assert not interrupts.waits(_heard(text))
    assert not interrupts.waits(_heard("等一下", crises=("violence",)))


@pytest.mark.parametrize(
    "text",
    [
        "删除我的信息",
        "怎么删除我的个人信息",
        "我要删除我的资料",
        "能不能把我的聊天记录删掉",
        "我想查看我的信息",
        "请把我的资料删了吧",
        "注销我的账号",
    ],
)
def test_who_wants_to_be_forgotten_is_told_how(text: str) -> None:
    assert interrupts.meant(_heard(text)) == "faq_delete"


@pytest.mark.parametrize(
    "text", ["物业把我的信息卖了", "老板删了我的考勤记录", "公司把我的记录删除了不认账", "群主删除了我"]
)
def test_a_dispute_about_information_is_none_of_that(text: str) -> None:
    assert interrupts.meant(_heard(text)) != "faq_delete"
