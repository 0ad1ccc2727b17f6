"""The catalogues of all languages, and how a resident's own is found."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from backend.domain.lifecycle import STATUS_NAMES
from dialogs import languages, texts, words
from dialogs.languages import LANGUAGES
from dialogs.messages import Choice, Message
from dialogs.readers import choice_in, name
from tests.dialogs.world import World

ROOT = Path(__file__).parents[2]
CHINESE, ENGLISH, MONGOLIAN = (texts.sentences(language) for language in LANGUAGES)
IN_MONGOLIAN = 125
"""Sentences that are there at least: the way through a complaint, its case, and every danger."""


# --- the catalogues ----------------------------------------------------------------------------------


def test_every_language_has_its_files() -> None:
    files = {file.stem for file in (ROOT / "dialogs" / "texts").glob("*.yaml")}
    assert files == set(LANGUAGES)
    typed = {file.stem.removeprefix("words.") for file in (ROOT / "dialogs").glob("words.*.yaml")}
    assert typed == set(LANGUAGES) - {languages.DEFAULT_LANGUAGE}


def test_english_has_the_same_sentences() -> None:
    assert set(ENGLISH) == {key for key in CHINESE if not key.startswith("for_staff.")}


def test_mongolian_has_begun() -> None:
    assert set(MONGOLIAN) <= set(CHINESE)
    assert len(MONGOLIAN) >= IN_MONGOLIAN
    assert {key for key in CHINESE if key.startswith("crisis.")} - set(MONGOLIAN) == {"crisis.gathering"}


@pytest.mark.parametrize("sentences", [ENGLISH, MONGOLIAN])
def test_every_translation_takes_what_the_chinese_gives(sentences: dict[str, str]) -> None:
    wrong = {
        key: sentence
        for key, sentence in sentences.items()
        if texts.placeholders(sentence) != texts.placeholders(CHINESE[key])
    }
    assert wrong == {}


@pytest.mark.parametrize("sentences", [ENGLISH, MONGOLIAN])
def test_no_chinese_in_a_translation(sentences: dict[str, str]) -> None:
    marks = re.compile(r"[，。？！：；（）【】]")
    assert {k: s for k, s in sentences.items() if languages.is_chinese(s) or marks.search(s)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice(language: str) -> None:
    class Strict(yaml.SafeLoader):
        pass

    def once(loader: Strict, node: yaml.MappingNode) -> dict[object, object]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice in {language}: {keys}"
        return loader.construct_mapping(node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, once)
    yaml.load((ROOT / "dialogs" / "texts" / f"{language}.yaml").read_text("utf-8"), Strict)


def test_our_own_words_are_known_as_they_are_kept() -> None:
    rules = yaml.safe_load((ROOT / "backend" / "seed" / "rules.yml").read_text("utf-8"))
    assert {c["name"]: CHINESE[f"category.{c['code']}"] for c in rules["categories"]} == {
        c["name"]: c["name"] for c in rules["categories"]
    }
    assert {status: CHINESE[f"status.{status.value}"] for status in STATUS_NAMES} == STATUS_NAMES


# --- what goes into a sentence -----------------------------------------------------------------------


def test_a_date_is_said_in_the_language() -> None:
    moment = datetime(2026, 11, 30, 20, tzinfo=UTC)
    assert texts.date_text(moment, "en") == "1 December"
    assert texts.date_text(moment, "mn") == "12 сарын 1"
    said = texts.text("case.registered", {"number": "FQ2026-000123", "accept_by": "12月1日"}, "en")
    assert "By 1 December at the latest" in said


@pytest.mark.parametrize(
    ("parameter", "value", "said"),
    [
        ("category", "物业", "property management"),
        ("category", "土地", "土地"),
        ("status", "不予受理", "not accepted"),
        ("matter", "您反映的问题", "Your case"),
        ("matter", "您反映的家事问题", "Your case about family"),
        ("matter", "您反映的土地问题", "Your case about 土地"),
        ("harm", "有", "Yes"),
        ("place", "已发送的位置", "the position you sent"),
        ("place", "恒大名都", "恒大名都"),
        ("unit", "物业", "物业"),
    ],
)
def test_our_words_are_translated_and_other_peoples_are_not(parameter: str, value: str, said: str) -> None:
    assert texts.in_language(parameter, value, "en") == said
    assert texts.in_language(parameter, value, "zh_CN") == value


def test_what_staff_wrote_stays_and_is_called_chinese() -> None:
    facts = {"matter": "您反映的物业问题", "number": "FQ2026-000123", "text": "物业公司同意恢复原价"}
    said = texts.text("notice.resolve", facts, "en")
    assert said.splitlines() == [
        "Your case about property management (FQ2026-000123) has been dealt with: 物业公司同意恢复原价",
        "(The staff wrote this in Chinese.)",
    ]
    assert "(The staff" not in texts.text("notice.resolve", facts | {"text": "The price is as before."}, "en")
    assert texts.text("notice.resolve", facts).endswith("恢复原价")
    assert texts.text("chat.relayed", {"text": said}, "en") == said


def test_an_officers_own_words() -> None:
    assert texts.as_written("您好", "zh_CN") == "您好"
    assert texts.as_written("您好", "en") == "您好\n(The staff wrote this in Chinese.)"
    assert texts.as_written("Good morning", "en") == "Good morning"


def test_what_a_language_lacks_is_said_in_chinese() -> None:
    assert "faq.cost" not in MONGOLIAN
    assert texts.text("faq.cost", language="mn") == CHINESE["faq.cost"]
    said = texts.text("case.not_now", {"number": "FQ2026-000123", "status": "已撤回"}, "mn")
    assert '现在是"已撤回"' in said


def test_choices_are_named_in_the_language() -> None:
    choices = (Choice("submit", "choice.submit"), Choice("en", literal="English"))
    assert choice_in("Submit", choices, "en") == "submit"
    assert choice_in("1 илгээх", choices, "mn") == "submit"
    assert choice_in("english", choices, "mn") == "en"


# --- which language ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("楼上漏水 help me please", "zh_CN"),
        ("My boss owes me money", "en"),
        ("Манай байшингийн дээврээс ус гоожиж байна", "mn"),
        ("Wi-Fi", ""),
        ("ok", ""),
        ("FQ2026-000123", ""),
        ("13812345678", ""),
        ("8#301", ""),
        ("https://example.com/some/page", ""),
        ("نىمە", ""),
        ("", ""),
    ],
)
def test_the_letters_tell(text: str, language: str) -> None:
    assert languages.of_text(text) == language


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (["en-US"], "en"),
        (["zh-Hans-CN", "en"], "zh_CN"),
        (["fr", "mn_MN", "en"], "mn"),
        (["fr", ""], ""),
        ([], ""),
    ],
)
def test_a_device_tells(tags: list[str], language: str) -> None:
    assert languages.of_tags(tags) == language


def test_words_of_all_languages_mean_one_thing() -> None:
    """A word stands under one command, and under none where it says yes or no."""
    commands = words.vocabulary()["commands"]
    typed = [words.plain(str(word)) for group in commands.values() for word in group]
    assert {word for word in typed if typed.count(word) > 1} == set()
    answers = {words.plain(str(word)) for group in ("yes", "no") for word in words.vocabulary()[group]}
    assert answers & set(typed) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("13800001111 John Smith", "John Smith"),
        ("my name is john smith", "john smith"),
        ("Call me Anna, 13800001111", "Anna"),
        ("O'Brien 13800001111", "O'Brien"),
        ("Бат 13800001111", "Бат"),
        ("No", ""),
        ("I don't want to", ""),
        ("call after six 13800001111", ""),
        ("13800001111", ""),
        ("The Boss Of My Neighbour Again Today", ""),
    ],
)
def test_names_in_other_letters(text: str, found: str) -> None:
    assert name(text) == found


# --- in a conversation -------------------------------------------------------------------------------


def test_a_message_crossed_with_the_question_is_not_lost() -> None:
    world = World()
    world.say("The landlord took my deposit")
    world.wait(10)
    reply = world.say("", kind="image", attachments=(1,))
    assert "收到照片" in reply
    world.say("English")
    assert "took my deposit" in str(world.state)
    assert "'attachments': [1]" in str(world.state)


def test_words_that_tell_nothing_are_asked_about_all_the_same() -> None:
    world = World()
    assert "Shall we go on in English?" in world.say("yes please")
    assert "kept" not in world.state


def test_a_choice_of_a_language_that_is_gone() -> None:
    world = World()
    world.say("language")
    world.wait(10)
    reply = world.send(Message("choice", world.now, choice="xx", prompt=world.prompts[-1]))
    assert "这个选项已经过期了" in reply


def test_while_waiting_for_an_officer() -> None:
    world = World(mode="waiting")
    assert world.say("english").startswith("Good, we go on in English.")
    assert world.language == "en"
    assert world.say("still here please") == "Noted. The staff see it as soon as they come."


def test_an_officers_resident_is_left_alone() -> None:
    world = World(mode="person")
    assert world.say("English") == ""
    assert world.language == "zh_CN"
