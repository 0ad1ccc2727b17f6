"""The keyword answer: fair on its own, certain about the short phrases of dialogue."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from nlu import keywords
from nlu.evaluation.figures import macro_f1
from nlu.understanding import CATEGORIES

HOLDOUT = Path(__file__).parents[2] / "training_data" / "holdout"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("物业费突然涨到2块8", "物业"),
        ("老板拖欠我们三个月工资", "劳资"),
        ("老公要离婚 孩子抚养权归谁", "家事"),
        ("楼上邻居半夜吵得睡不着", "邻里"),
        ("房东不退押金", "其他"),
        ("網貸催收天天打電話", "其他"),
    ],
)
def test_names_the_category(text: str, category: str) -> None:
    meaning = keywords.understand(text)
    assert meaning.intent == meaning.ranking[0][0] == category
    assert meaning.confidence == meaning.ranking[0][1] > 0.5
    assert meaning.source == "keywords"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("你好！", "greeting"),
        ("好的", "yes"),
        ("不对", "no"),
        ("转人工", "person"),
        ("查进度", "progress"),
        ("不满意", "dissatisfied"),
        ("满意", "satisfied"),
        ("取消", "cancel"),
        ("跳过", "skip"),
        ("上一步", "back"),
        ("要带什么材料", "faq_materials"),
        ("你是机器人吗", "faq_bot"),
    ],
)
def test_knows_the_phrases_of_dialogue(text: str, intent: str) -> None:
    assert keywords.understand(text).intent == intent


def test_a_dispute_that_contains_a_phrase_is_a_dispute() -> None:
    assert keywords.understand("物业取消了保安").intent == "物业"


@pytest.mark.parametrize("text", ["", "   ", "👍👍", "？？？", "乌拉巴哈", "/"])
def test_knows_nothing_and_says_so(text: str) -> None:
    meaning = keywords.understand(text)
    assert meaning.confidence <= 0.3
    assert sorted(name for name, _ in meaning.ranking) == sorted(CATEGORIES)
    assert sum(share for _, share in meaning.ranking) == pytest.approx(1)


def test_fair_on_the_holdout() -> None:
    rows = [json.loads(line) for line in (HOLDOUT / "categories.jsonl").read_text("utf-8").splitlines()]
    pairs = Counter((row["label"], keywords.understand(row["text"]).ranking[0][0]) for row in rows)
    assert macro_f1(pairs) >= 0.80
