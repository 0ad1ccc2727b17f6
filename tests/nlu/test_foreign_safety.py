"""Danger in English and Mongolian: heard by rules, and told from what only sounds like it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nlu import foreign_safety, safety
from nlu.client import NluClient
from nlu.scripts import is_chinese, is_foreign

SENTENCES: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("foreign_safety.yml").read_text("utf-8")
)
CASES = [(kind, sentence) for kind, sentences in SENTENCES.items() for sentence in sentences]


@pytest.mark.parametrize(("kind", "sentence"), CASES, ids=[sentence for _, sentence in CASES])
def test_a_danger_and_no_danger(kind: str, sentence: str) -> None:
    heard = foreign_safety.crises(sentence)
    if kind == "none":
        assert heard == frozenset()
    else:
        assert kind in heard
    assert set(safety.crises(sentence)) == heard


def test_both_languages_in_one_message() -> None:
    heard = safety.crises("救命！楼上的人疯了。He is at my door with a knife")
    assert "violence" in heard


def test_pinyin_is_still_chinese() -> None:
    assert safety.crises("wo xiang zisha") == ("self_harm",)


def test_nothing_to_read() -> None:
    assert foreign_safety.crises("110！？") == frozenset()
    assert safety.crises("") == ()


def test_letters() -> None:
    assert is_chinese("wifi坏了")
    assert not is_foreign("wifi坏了")
    assert is_foreign("The lift is broken")
    assert not is_foreign("13812345678 😀")


async def test_the_model_is_not_asked_for_what_it_has_not_learned() -> None:
    """Its address answers nothing: whoever asks there waits."""
    client = NluClient("http://127.0.0.1:9/")
    meaning = await client.understand("He owes me 8000 yuan, call 13800001111, he has a knife")
    assert (meaning.intent, meaning.confidence) == ("", 0.0)
    assert meaning.crises == ("violence",)
    assert ("phone", "13800001111") in meaning.entities
    assert client.state == "loading"
    await client.aclose()
