"""Entities: what a sentence says without being asked, and what it only seems to say."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities import entities
from nlu.normalisation import normalise

NAMES = {"place", "amount", "people", "since", "phone", "other_party"}
MESSAGES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("entities.yml").read_text("utf-8")
)
LEAST_PRECISION, LEAST_RECALL = 0.97, 0.85
"""What an entity fills is not asked: a wrong value is worse than none."""

SAID = [
    ("恒大名都8号楼", {"place": "恒大名都8号楼"}),
    ("幸福小区3号楼2单元", {"place": "幸福小区3号楼2单元"}),
    ("我住在幸福小区3号楼2单元501", {"place": "幸福小区3号楼2单元501"}),
    ("城关镇张家村", {"place": "城关镇张家村"}),
    ("我是城关镇张家村三组的", {"place": "城关镇张家村三组"}),
    ("阳光花园B座1201漏水", {"place": "阳光花园B座1201"}),
    ("阳光花园 暖气不热", {"place": "阳光花园"}),
    ("物业费涨了 恒大名都8号楼", {"place": "恒大名都8号楼"}),
    ("关于翠湖名邸电梯故障的投诉", {"place": "翠湖名邸"}),
    ("家住滨河路12号", {"place": "滨河路12号"}),
    ("在人民路12号", {"place": "人民路12号"}),
    ("我们锦绣家园的物业不管事", {"place": "锦绣家园"}),
    ("3号楼2单元灯坏了", {}),
    ("龍湖花園五號樓", {"place": "龙湖花园五号楼"}),
    ("恒大名都８号楼", {"place": "恒大名都8号楼"}),
    ("住在和平社区", {"place": "和平社区"}),
    ("我在青石桥工地干活", {"place": "青石桥工地"}),
    ("欠我8500块", {"amount": "8500"}),
    ("老板欠我三万五", {"amount": "35000"}),
    ("工资2万3千没发", {"amount": "23000"}),
    ("2万3千块钱", {"amount": "23000"}),
    ("拖欠工资12,000元", {"amount": "12000"}),
    ("押金2000不退", {"amount": "2000"}),
    ("彩礼十八万八退不退", {"amount": "188000"}),
    ("损失3.5万", {"amount": "35000"}),
    ("一共欠我12000元 其中加班费3000元", {"amount": "12000"}),
    ("骗了我妈两千", {"amount": "2000"}),
    ("工钱还差八千六", {"amount": "8600"}),
    ("借了我1.2w不还", {"amount": "12000"}),
    ("欠3万多工钱", {"amount": "30000"}),
    ("赔我五百块", {"amount": "500"}),
    ("医药费花了一千零五十元", {"amount": "1050"}),
    ("欠了我8500", {"amount": "8500"}),
    ("我们十几个人", {"people": "十几"}),
    ("5个工友", {"people": "5"}),
    ("五个工友都没拿到", {"people": "5"}),
    ("我们二十多个人没发工资", {"people": "二十多"}),
    ("三百多户业主拿不到房产证", {"people": "三百多"}),
    ("一共12个人", {"people": "12"}),
    ("欠我们六个人的钱", {"people": "6"}),
    ("我们村八个人一起去的", {"people": "8"}),
    ("30多个工人没拿到钱", {"people": "30多"}),
    ("我们单元14户都停水", {"people": "14"}),
    ("38户联名反映", {"people": "38"}),
    ("上个月", {"since": "上个月"}),
    ("去年10月", {"since": "去年10月"}),
    ("去年十月份就坏了", {"since": "去年十月份"}),
    ("三个月了", {"since": "三个月了"}),
    ("2024年3月5日", {"since": "2024年3月5日"}),
    ("从年前开始", {"since": "从年前开始"}),
    ("从去年10月开始漏水", {"since": "从去年10月开始"}),
    ("漏水半年了没人管", {"since": "半年了"}),
    ("已经两年多了", {"since": "两年多了"}),
    ("昨天晚上吵到两点", {"since": "昨天晚上"}),
    ("上周五停水", {"since": "上周五"}),
    ("3月5日电梯就坏了", {"since": "3月5日"}),
    ("2024-03-05坏的", {"since": "2024-03-05"}),
    ("拖了两年没结果", {"since": "两年"}),
    ("今年春节停暖", {"since": "今年春节"}),
    ("两个月前就报修了", {"since": "两个月前"}),
    ("电话13812345678", {"phone": "13812345678"}),
    ("138 1234 5678", {"phone": "13812345678"}),
    ("138-1234-5678 老人家", {"phone": "13812345678"}),
    ("打给我13912345678", {"phone": "13912345678"}),
    ("+8613812345678", {"phone": "13812345678"}),
    ("１３８１２３４５６７８", {"phone": "13812345678"}),
    ("13812345678是我的手机号", {"phone": "13812345678"}),
    ("13812345678 这是本人号码", {"phone": "13812345678"}),
    ("13812345678 打这个电话找我", {"phone": "13812345678"}),
    ("家里座机0535-6223344", {"phone": "0535-6223344"}),
    ("XX公司欠我工资", {"other_party": "XX公司"}),
    ("我在鼎盛建筑劳务有限公司上班", {"other_party": "鼎盛建筑劳务有限公司"}),
    ("关于金鼎装饰公司拖欠工资的反映", {"other_party": "金鼎装饰公司"}),
    ("楼上502漏水", {"other_party": "楼上502"}),
    ("包工头老李", {"other_party": "包工头老李"}),
    ("包工头李某不给钱", {"other_party": "包工头李某"}),
    ("老板姓王 不给工资", {"other_party": "老板姓王"}),
    ("对门小张总在楼道放东西", {"other_party": "对门小张"}),
    ("包工头老李欠我8500块", {"other_party": "包工头老李", "amount": "8500"}),
    (
        "幸福小区5号楼 楼上502漏水三个月了",
        {"place": "幸福小区5号楼", "other_party": "楼上502", "since": "三个月了"},
    ),
    ("我们十几个人 欠了23万 电话13812345678", {"people": "十几", "amount": "230000", "phone": "13812345678"}),
    ("", {}),
]

NOT_SAID = [
    ("place", "我家楼上漏水"),
    ("place", "小区电梯坏了"),
    ("place", "我们小区的电梯坏了"),
    ("place", "物业不管小区垃圾"),
    ("place", "老旧小区没人管"),
    ("place", "老板跑路了"),
    ("place", "邻居堵路"),
    ("place", "村里修路不公平"),
    ("place", "我们村的路坏了"),
    ("place", "隔壁村的人来闹"),
    ("place", "在工地干活没给钱"),
    ("place", "建筑工地半夜施工"),
    ("place", "找过社区调解"),
    ("place", "在网络上骂我"),
    ("place", "走在马路上"),
    ("place", "租了一套公寓"),
    ("place", "一共十四栋楼"),
    ("place", "8号线地铁"),
    ("place", "菜市场卖假货"),
    ("place", "广场舞太吵"),
    ("amount", "物业费2块8"),
    ("amount", "物业费从1块5涨到2块8"),
    ("amount", "一平米2800元"),
    ("amount", "每天200块"),
    ("amount", "工资每月5000"),
    ("amount", "月工资五千二"),
    ("amount", "一块砖掉下来"),
    ("amount", "周六一块去物业"),
    ("amount", "三四千块"),
    ("amount", "几千块钱"),
    ("amount", "20万人口"),
    ("amount", "三万平方"),
    ("amount", "打12345没人接"),
    ("amount", "住1203"),
    ("amount", "2024年3月5日"),
    ("amount", "停车费10块"),
    ("amount", "第三块地板"),
    ("amount", "电话13812345678"),
    ("amount", "一千多人"),
    ("people", "一个人住"),
    ("people", "来了十几个人打我"),
    ("people", "他叫了五个人来"),
    ("people", "两个人吵架"),
    ("people", "我们三个月没发工资"),
    ("people", "我们两个人离婚"),
    ("people", "十八号住户"),
    ("people", "人民调解员"),
    ("people", "他们三个人打我"),
    ("since", "结婚十年了"),
    ("since", "今年七十了"),
    ("since", "孩子三个月了"),
    ("since", "欠了三个月工资"),
    ("since", "三个月的工资"),
    ("since", "七天内答复"),
    ("since", "2024年物业费"),
    ("since", "我去年买的房"),
    ("since", "明天去堵路"),
    ("since", "比上个月多了三倍"),
    ("since", "工作5年了"),
    ("since", "怀孕五个月了"),
    ("phone", "打12345没人接"),
    ("phone", "物业电话13812345678打不通"),
    ("phone", "身份证110101199001011234"),
    ("phone", "订单号13812345678901"),
    ("phone", "13812345678 这是包工头号码"),
    ("phone", "13812345678是我邻居"),
    ("phone", "13812345678是我的邻居"),
    ("phone", "联系电话13812345678是包工头的"),
    ("phone", "13812345678 老板电话"),
    ("phone", "13812345678（房东）"),
    ("phone", "13812345678 这个人骗我钱"),
    ("amount", "欠我不到三万"),
    ("amount", "至少五万"),
    ("amount", "损失至少有五万块"),
    ("amount", "欠了三万以上"),
    ("amount", "医药费3800 误工费5000都不给"),
    ("amount", "房租2000押金2000不退"),
    ("amount", "借了5万还了1万"),
    ("amount", "欠我不到三万 押金2000"),
    ("amount", "工资 6k"),
    ("amount", "工资6000没发"),
    ("people", "我小区一共1200户 我家楼上漏水"),
    ("people", "我们小区一共1200户 我家楼上漏水"),
    ("people", "小区1200户 就我家漏水"),
    ("people", "业主1200户 我家漏水"),
    ("other_party", "公司不给工资"),
    ("other_party", "物业公司不管"),
    ("other_party", "我们公司欠薪"),
    ("other_party", "保险公司不赔"),
    ("other_party", "楼上漏水"),
    ("other_party", "隔壁老王"),
    ("other_party", "老板老是不给钱"),
    ("other_party", "一家装修公司跑路"),
    ("other_party", "换物业公司了"),
    ("other_party", "老板小气"),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_what_is_said_is_found(text: str, said: dict[str, str]) -> None:
    assert dict(entities(text)) == said


@pytest.mark.parametrize(("name", "text"), NOT_SAID)
def test_what_is_not_said_is_not_made_up(name: str, text: str) -> None:
    assert name not in dict(entities(text))


_PHRASES = st.sampled_from(
    [text for text, _ in SAID] + [text for _, text in NOT_SAID] + ["万", "元", "号楼", "1", "亿"]
)


@given(st.one_of(st.text(), st.lists(_PHRASES, max_size=6).map("".join)))
def test_any_text_is_answered(text: str) -> None:
    found = entities(text)
    assert len({name for name, _ in found}) == len(found)
    typed = unicodedata.normalize("NFKC", text).lower()
    normal = " ".join(normalise(piece) for piece in text.split())
    for name, value in found:
        assert name in NAMES
        assert value == value.strip() != ""
        if name == "amount":
            assert value.replace(".", "", 1).isdecimal()
        elif name == "phone":
            assert 10 <= len(value.replace("-", "")) <= 12
            assert value.replace("-", "").isdecimal()
        elif not (name == "people" and value.isdecimal()):
            assert value.lower() in typed or value in normal


def test_a_value_is_typed_as_the_resident_typed_it() -> None:
    assert dict(entities("阳光花园Ａ栋2单元301"))["place"] == "阳光花园A栋2单元301"
    assert dict(entities("ABC公司拖欠工资"))["other_party"] == "ABC公司"


def test_a_very_long_text_is_answered_quickly() -> None:
    assert dict(entities("欠我8500块。" + "我家楼上漏水" * 20_000))["amount"] == "8500"


# --- measured on messages as residents type them -----------------------------------------------------


def readings(name: str, expected: object) -> set[str]:
    """What may be found, without the words around a time that change nothing: 从…开始, 已经…了."""
    found = [expected] if isinstance(expected, str) else [str(one) for one in expected or ()]  # type: ignore[attr-defined]
    return {bare(name, one) for one in found}


def bare(name: str, value: str) -> str:
    if name == "since":
        value = re.sub(r"^(?:自从|从|自|打|已经|都|就|有)+|(?:开始|以来|起|了|就)+$", "", value.strip())
    return value.replace(" ", "")


def scored(messages: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Right, wrong and missed values by entity; what may be left out counts only when it is wrong."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for message in messages:
        found = dict(entities(message["text"]))
        for name in NAMES:
            wanted = readings(name, message.get(name))
            if name not in found:
                missed[name] += bool(wanted) and "" not in wanted
            elif bare(name, found[name]) in wanted:
                right[name] += "" not in wanted
            else:
                wrong[name] += 1
                missed[name] += bool(wanted) and "" not in wanted
    return {name: (right[name], wrong[name], missed[name]) for name in sorted(NAMES)}


def test_precision_and_recall() -> None:
    scores = scored([message for messages in MESSAGES.values() for message in messages])
    for name, (right, wrong, missed) in scores.items():
        precision, recall = right / (right + wrong), right / (right + missed)
        print(f"{name}: precision {precision:.3f} recall {recall:.3f} of {right + missed}")  # noqa: T201
        assert right + missed >= 20, name
        assert precision >= LEAST_PRECISION, name
        assert recall >= LEAST_RECALL, name


def test_the_score_counts_what_is_wrong_and_what_is_missing() -> None:
    messages: list[dict[str, Any]] = [
        {"text": "欠我8500块", "amount": "8500"},
        {"text": "欠我8500块", "amount": "9000"},
        {"text": "欠我8500块", "amount": ["8500", ""]},
        {"text": "欠我8500块"},
        {"text": "欠我钱", "amount": "8500"},
        {"text": "欠我钱", "amount": ["8500", ""]},
    ]
    assert scored(messages)["amount"] == (1, 2, 2)


def test_every_message_is_its_own() -> None:
    texts = [message["text"] for messages in MESSAGES.values() for message in messages]
    assert len(texts) == len(set(texts)) >= 600
    assert {name for messages in MESSAGES.values() for message in messages for name in message} == {
        "text",
        *NAMES,
    }
