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
from nlu.safety import crises, rules_say

KINDS = ("self_harm", "violence", "domestic_violence", "minors", "gathering")
HERE = Path(__file__).parent
TRAINING_DATA = HERE.parents[1] / "training_data"
HOLDOUT = TRAINING_DATA / "holdout" / "safety.jsonl"
VEILED = TRAINING_DATA / "holdout" / "safety_veiled.jsonl"
ORDINARY = [TRAINING_DATA / "holdout" / f"{name}.jsonl" for name in ("categories", "short_chat", "letters")]
LEARNED = TRAINING_DATA / "safety.yml"
UNSEEN = HERE / "safety_unseen.yml"

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


def test_what_is_told_sideways() -> None:
    """Crises half of which name no danger, and twins made to deceive: measured 0.91 and 0.94."""
    lines = map(json.loads, VEILED.read_text("utf-8").splitlines())
    recall, precision, _ = _figures((line["label"], line["text"]) for line in lines)
    assert recall >= 0.90
    assert precision >= 0.90


def test_nothing_measured_was_learned() -> None:
    files = (HOLDOUT, VEILED)
    measured = {json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()}
    measured |= {text for _, text in _examples(UNSEEN)}
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
