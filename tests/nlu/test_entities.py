"""Facts that spare a question: found when stated beyond doubt, else left to be asked."""

from __future__ import annotations

import pytest

from nlu.entities import extract


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("恒大名都8号楼", {"place": "恒大名都8号楼"}),
        ("我住恒大名都8号楼3单元 电梯坏了半年了", {"place": "恒大名都8号楼3单元", "since": "半年"}),
        ("投诉阳光花园小区物业不作为", {"place": "阳光花园小区"}),
        ("城关镇李家村3组 邻居占了我家地", {"place": "城关镇李家村3组"}),
        ("工地在人民路23号 老板欠我三万五", {"place": "人民路23号", "amount": "35000"}),
        ("欠我工资三万五千块钱", {"amount": "35000"}),
        ("每月工资5000元 拖欠三个月工资共15000元", {"amount": "15000"}),
        ("我们12个工人一共被欠12万元", {"amount": "120000", "people": "12"}),
        ("一共二十三个人没拿到钱", {"people": "23"}),
        ("就我一个人没拿到", {"people": "1"}),
        ("我的电话 138 0013 8000", {"phone": "13800138000"}),
        ("电话0471-1234567", {"phone": "0471-1234567"}),
        ("从去年10月开始不发工资", {"since": "去年10月"}),
        ("楼上漏水两个月了没人管", {"since": "两个月"}),
        ("２０２５年３月开始停暖", {"since": "2025年3月"}),
        ("鼎盛建筑劳务有限公司不发钱", {"other_party": "鼎盛建筑劳务有限公司"}),
    ],
)
def test_says(text: str, expected: dict[str, str]) -> None:
    assert dict(extract(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "我们小区电梯坏了",
        "老旧小区没人管",
        "全村都知道",
        "我们村修路",
        "堵在马路上",
        "物业费突然涨到2块8 谁同意的",
        "物业费一平米3元",
        "月薪6000元",
        "借给他十几万",
        "赔了两万多",
        "结婚三年了",
        "在厂里干了八年了",
        "他一个人打我",
        "工伤十级能赔十万吗",
        "先给了3000元后来又给了5000元",
        "去年来的 今年走的",
    ],
)
def test_leaves_what_is_in_doubt(text: str) -> None:
    assert extract(text) == ()


def test_never_two_values_of_one_name() -> None:
    names = [name for name, _ in extract("恒大名都8号楼 阳光花园小区2栋 欠3万元 电话13800138000 13900139000")]
    assert len(names) == len(set(names))
