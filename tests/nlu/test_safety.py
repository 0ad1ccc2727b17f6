"""Crises: danger is heard, and what only sounds like it raises no alarm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu import alarm
from nlu.alarm_training import inputs_hash
from nlu.safety import KINDS, clean, crises, rules_say

HERE = Path(__file__).parent
TRAINING_DATA = HERE.parents[1] / "training_data"
HOLDOUT = TRAINING_DATA / "holdout" / "safety.jsonl"
VEILED = TRAINING_DATA / "holdout" / "safety_veiled.jsonl"
ORDINARY = [TRAINING_DATA / "holdout" / f"{name}.jsonl" for name in ("categories", "short_chat", "letters")]
LEARNED = TRAINING_DATA / "safety.yml"
UNSEEN = HERE / "safety_unseen.yml"
EVERYDAY = HERE / "safety_everyday.yml"

CRISES = [
    ("我不想活了", "self_harm"),
    ("农药买好了", "self_harm"),
    ("我爸要跳楼", "self_harm"),
    ("老板不给钱我就从塔吊跳下去", "self_harm"),
    ("不 想 活 了", "self_harm"),
    ("我 想 死", "self_harm"),
    ("我想死 活不下去了", "self_harm"),
    ("我想自sha", "self_harm"),
    ("想自鲨", "self_harm"),
    ("我想死！！！", "self_harm"),
    ("我不想活了😭😭", "self_harm"),
    ("我不想活瞭", "self_harm"),
    ("他拿着刀在门口", "violence"),
    ("他说要杀了我全家", "violence"),
    ("他拿dao砍我", "violence"),
    ("老公又打我", "domestic_violence"),
    ("孩子他爸又打我", "domestic_violence"),
    ("孩子被后爸摸", "minors"),
    ("后妈不给孩子饭吃还打", "minors"),
    ("明天一百多人去堵路", "gathering"),
    ("明天１００多人去堵路", "gathering"),
    ("着火了快来", "fire"),
    ("家里着火", "fire"),
    ("家里失火了，烧到邻居", "fire"),
    ("插座冒烟了", "fire"),
    ("着伙了", "fire"),
    ("我家着火了，物业的消防栓没水", "fire"),
    ("着火了 物业一直不管", "fire"),
    ("着火了快通知消防", "fire"),
    ("煤气泄漏了", "gas"),
    ("煤气中毒", "gas"),
    ("闻到好大的煤气味", "gas"),
    ("有人晕倒了", "medical"),
    ("我爸心脏病犯了", "medical"),
    ("我妈叫不醒了", "medical"),
    ("我妈老年痴呆走丢了", "missing"),
    ("孩子不见了", "missing"),
    ("爷爷出去两天没回来了", "missing"),
    ("孩子掉水里了", "medical"),
    ("儿子发羊癫疯 口吐白沫", "medical"),
    ("活得没意思", "self_harm"),
    ("逼死我算了", "self_harm"),
    ("走投无路", "self_harm"),
]

MISTYPED = [
    ("我不想货了", "self_harm"),
    ("不想话了", "self_harm"),
    ("我不香活了", "self_harm"),
    ("bu xiang huo le", "self_harm"),
    ("我要跳何", "self_harm"),
    ("我想跳漏", "self_harm"),
    ("我想四了", "self_harm"),
    ("老公家爆我", "domestic_violence"),
    ("老公家报我", "domestic_violence"),
    ("被老公大了", "domestic_violence"),
    ("laogong you da wo", "domestic_violence"),
    ("喝农要了", "self_harm"),
]
"""What a keyboard makes of the words; each pair of letters sounds like what was meant."""

SOUNDS_ALIKE = [
    "太不像话了",
    "物业太不想话了",
    "我想私了",
    "那条河发臭",
    "在家报修",
    "老公大我十岁",
    "他大我两届",
    "被邻居搭了个棚子",
    "孩子啥时候上学",
    "割完麦子",
    "货够了",
]

NOT_CRISES = [
    "物业费把我气死了",
    "楼上吵死人",
    "砍了我家的树",
    "楼上小孩跳来跳去",
    "热死了",
    "上访多年",
    "打死也不交物业费",
    "老公打游戏不管家",
    "累得想死",
    "他家狗咬死我家鸡",
    "老公从来不打我",
    "十年前楼里有人跳楼",
    "没有家暴",
    "楼道充电容易着火",
    "去年家里着过火物业不管",
    "消防通道堵了",
    "煤气费太贵",
    "生意着火了一样好",
    "狗丢了",
    "老人机丢了",
    "天台门锁死 着火往哪跑",
    "活干完了人不见了",
    "家里熏腊肉 窗户冒烟",
    "人在枫桥镇",
    "人在家里",
    "人在北京打工",
    "从他死了以后",
    "我老伴死后",
    "我不活动了腿疼",
    "人都在",
    "准备明天一起去物业讨个说法",
    "电话打我儿子的13812345678",
    "今天早上",
    "",
    "1",
]


def _examples(path: Path) -> Iterator[tuple[str, str]]:
    data = yaml.safe_load(path.read_text("utf-8"))
    return ((kind, text) for kind, texts in data.items() for text in texts)


def _figures(rows: Iterable[tuple[str, str]]) -> tuple[float, float, float]:
    """Recall, precision and the share of crises whose kind is right."""
    heard = missed = false = kinds = 0
    for kind, text in rows:
        told = crises(text)
        if kind == "none":
            false += bool(told)
        else:
            heard += bool(told)
            missed += not told
            kinds += kind in told
    return heard / (heard + missed), heard / (heard + false), kinds / (heard + missed)


@pytest.mark.parametrize(("text", "kind"), CRISES)
def test_danger_is_heard(text: str, kind: str) -> None:
    assert kind in crises(text)


@pytest.mark.parametrize("text", NOT_CRISES)
def test_what_only_sounds_like_danger_is_none(text: str) -> None:
    assert crises(text) == ()


@pytest.mark.parametrize(("text", "kind"), MISTYPED)
def test_danger_is_heard_through_what_a_keyboard_made_of_it(text: str, kind: str) -> None:
    assert kind in rules_say(text)


@pytest.mark.parametrize("text", SOUNDS_ALIKE)
def test_ordinary_words_that_sound_alike_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


def test_an_accident_is_not_taken_for_what_people_do_to_people() -> None:
    assert crises("孩子抽搐翻白眼") == ("medical",)
    assert crises("我们村山上着火了") == ("fire",)


def test_the_past_counts_when_it_goes_on() -> None:
    assert crises("前年邻居拿刀追过我") == ()
    assert crises("前年邻居拿刀追过我 现在又拿刀来了") == ("violence",)


def test_a_text_can_tell_of_more_than_one_danger() -> None:
    told = crises("老公打我 我不想活了")
    assert {"self_harm", "domestic_violence"} <= set(told)


def test_the_sentences_they_were_developed_on() -> None:
    """Half of them are innocent twins of a crisis, made to deceive: ordinary complaints do so far less."""
    recall, precision, kinds = _figures(_examples(LEARNED))
    assert recall >= 0.98
    assert precision >= 0.95
    assert kinds >= 0.97


def test_the_holdout() -> None:
    lines = map(json.loads, HOLDOUT.read_text("utf-8").splitlines())
    recall, precision, kinds = _figures((line["label"], line["text"]) for line in lines)
    assert recall >= 0.97
    assert precision >= 0.95
    assert kinds >= 0.95


def test_what_was_written_apart() -> None:
    """Measured 0.92, 1.00 and 0.92; by the rules alone 0.82, 1.00 and 0.80."""
    recall, precision, kinds = _figures(_examples(UNSEEN))
    assert recall >= 0.90
    assert precision >= 0.95
    assert kinds >= 0.88


def test_what_residents_say_every_day() -> None:
    """Plain words, slips and answers, written before their rules: measured 1.00, 0.98 and 1.00.

    Before the rules they were 0.65, 0.83 and 0.43.
    """
    recall, precision, kinds = _figures(_examples(EVERYDAY))
    assert recall >= 0.95
    assert precision >= 0.93
    assert kinds >= 0.95


def test_what_is_told_sideways() -> None:
    """Crises half of which name no danger, and twins made to deceive: measured 0.91 and 0.94."""
    lines = map(json.loads, VEILED.read_text("utf-8").splitlines())
    recall, precision, _ = _figures((line["label"], line["text"]) for line in lines)
    assert recall >= 0.90
    assert precision >= 0.90


def test_nothing_measured_was_learned() -> None:
    files = (HOLDOUT, VEILED)
    measured = {json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()}
    measured |= {text for file in (UNSEEN, EVERYDAY) for _, text in _examples(file)}
    learned = {text for _, text in _examples(LEARNED)}
    assert not measured & learned - {text for text, _ in CRISES} - set(NOT_CRISES)


def test_the_alarm_learned_the_present_sentences() -> None:
    learned = json.loads(alarm.FILE.read_text("utf-8"))["sentences"]
    assert learned == inputs_hash(), "run `make train-alarm` and commit nlu/alarm.json"


def test_ordinary_complaints_raise_no_alarm() -> None:
    """Measured 24 of 700, some of which do tell of blows; by the alarm alone 9."""
    texts = [json.loads(line)["text"] for file in ORDINARY for line in file.read_text("utf-8").splitlines()]
    assert sum(bool(crises(text)) for text in texts) <= len(texts) * 0.04
    assert sum(bool(crises(text)) and not rules_say(text) for text in texts) <= len(texts) * 0.02


@given(st.one_of(st.text(), st.text(alphabet="我他不想死打杀孩子 老公，。跳楼刀堵路明天去1", max_size=60)))
def test_any_text_is_answered(text: str) -> None:
    told = crises(text)
    assert set(told) <= set(KINDS)
    assert told == crises(text)


def test_a_very_long_text_is_answered() -> None:
    """An expression that tries every way to match would not come back before the tests' time limit."""
    assert set(crises("我们明天要去找他说孩子的事，他打" * 500)) <= set(KINDS)
