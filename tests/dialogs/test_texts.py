"""The sentences: all there, all used, filled in completely, within a channel's size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import texts
from dialogs.messages import Choice
from dialogs.survey import RATINGS

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "dialogs")
KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
READS_CHINESE = {"bot/wechat/parsing.py"}
"""Recognises what WeChat itself writes in place of a message that it cannot hand on."""
SPEAKS_TO_OPERATORS = {"bot/wechat/operate.py"}
"""Refuses at the terminal, in Chinese and English."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
SENTENCES = texts.sentences("zh_CN")
FAMILIES = frozenset(key.split(".")[0] for key in SENTENCES)


def test_a_sentence_is_filled_in() -> None:
    assert texts.text("case.supplemented", {"number": "FQ2026-000123"}).startswith("已补充到 FQ2026-000123")


@pytest.mark.parametrize(
    ("key", "language"),
    [("no.such_key", "zh_CN"), ("case.urged", "zh_CN"), ("help", "xx"), ("help", "../x")],
)
def test_what_is_missing_is_named(key: str, language: str) -> None:
    with pytest.raises(texts.TextError, match=r"no text|needs the parameter 'number'|no texts for"):
        texts.text(key, language=language)


def test_labels() -> None:
    assert texts.label(Choice("submit", "choice.submit")) == "提交"
    assert texts.label(Choice("x", literal="朝阳街道")) == "朝阳街道"


def test_numbers_are_places_or_digits_that_are_ids() -> None:
    assert texts.numbers((Choice("a"), Choice("b"))) == ("1", "2")
    assert texts.numbers(RATINGS) == ("5", "4", "3", "2", "1")


def test_the_day_is_shanghais() -> None:
    assert texts.date_text(datetime(2026, 11, 30, 20, tzinfo=UTC)) == "12月1日"


def test_parts_are_lines_and_choices_are_numbered() -> None:
    parts = [("faq.cost", {}), ("form.again", {}), ("complaint.ask_amount", {})]
    choices = (Choice("skip", "choice.skip"),)
    said = texts.render(parts, choices)
    assert said.splitlines()[1].startswith("——一共欠多少钱")
    assert said.splitlines()[-1] == "1 跳过"
    assert "1 跳过" not in texts.render(parts, choices, numbered=False)
    assert texts.render([], choices) == "1 跳过"


def test_the_longest_parameter_is_shortened_and_the_choices_stay() -> None:
    long = {"number": "FQ2026-000123", "result": "修好了" * 500}
    parts = [("faq.cost", {}), ("survey.ask", long)]
    said = texts.render(parts, RATINGS, max_bytes=600)
    assert 590 <= len(said.encode()) <= 600
    assert said.startswith("登记、调解都不收费。\n您的事项 FQ2026-000123 已办结：修好了")
    assert "…" in said
    assert said.endswith("您满意吗？\n5 非常满意\n4 满意\n3 基本满意\n2 不满意\n1 非常不满意")


def test_without_parameters_the_words_are_cut() -> None:
    said = texts.render([("help", {})], (Choice("skip", "choice.skip"),), max_bytes=60)
    assert len(said.encode()) <= 60
    assert said.endswith("…\n1 跳过")


@given(
    result=st.text(max_size=300),
    number=st.text(max_size=20),
    size=st.integers(min_value=0, max_value=900),
    numbered=st.booleans(),
)
def test_any_size_is_kept(result: str, number: str, size: int, numbered: bool) -> None:
    parts = [("survey.ask", {"number": number, "result": result}), ("help", {})]
    said = texts.render(parts, RATINGS, numbered, size)
    choices = len(texts.render([], RATINGS).encode()) if numbered else 0
    assert len(said.encode()) <= max(size, choices)
    assert not numbered or said.endswith("1 非常不满意")
    assert said.encode().decode() == said


def test_shorten() -> None:
    assert texts.shorten("漏水", 4) == "漏水"
    assert texts.shorten("楼上漏水没人管", 4) == "楼上漏…"


def test_the_privacy_notice_is_short() -> None:
    assert len(texts.text("privacy.notice")) <= 80


# --- the file and the source agree -------------------------------------------------------------------


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def strings(tree: ast.AST) -> Iterator[str | re.Pattern[str]]:
    """Every literal that may be a key, and for f-strings the pattern of the keys they may become."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_0-9]+"
                for part in node.values
            ]
            yield re.compile("".join(parts))


def is_key(value: str) -> bool:
    return bool(KEY.fullmatch(value)) and value.split(".", maxsplit=1)[0] in FAMILIES


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every `Say(…)`, `Choice(…)` and `text(…)` in the source, with where it is."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in ("Say", "Choice", "text"):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def literal(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_key_that_is_said_exists() -> None:
    said = [(where, literal(arg)) for where, call in calls() for arg in call.args[:2] if "." in literal(arg)]
    assert len(said) > 80
    assert [(where, key) for where, key in said if key not in SENTENCES] == []


def test_every_sentence_is_used() -> None:
    literals: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in sources():
        for found in strings(ast.parse(path.read_text("utf-8"))):
            if isinstance(found, str):
                literals.add(found)
            elif "\\." in found.pattern:
                patterns.append(found)
    pages = "\n".join(p.read_text("utf-8") for kind in ("*.html", "*.j2") for p in (ROOT / "bot").rglob(kind))
    unused = {
        key
        for key in SENTENCES
        if key not in literals and key not in pages and not any(p.fullmatch(key) for p in patterns)
    }
    assert not unused


def test_no_parameter_is_missing() -> None:
    """`Say("key", {"a": …})` gives every placeholder of its sentence."""
    checked, missing = 0, []
    for where, call in calls():
        key, params = literal(call.args[0]) if call.args else "", call.args[1:2]
        if key not in SENTENCES or not all(isinstance(p, ast.Dict) for p in params):
            continue
        names = [name for p in params if isinstance(p, ast.Dict) for name in p.keys]
        checked += 1
        absent = texts.placeholders(SENTENCES[key]) - {literal(name) for name in names}
        if absent and None not in names:
            missing.append((where, key, absent))
    assert checked > 50
    assert missing == []


def prose(tree: ast.AST) -> set[ast.expr]:
    """Docstrings: strings that stand as statements."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_no_chinese_outside_the_texts() -> None:
    """Docstrings and comments explain in the field's words; what a resident reads is in the texts."""
    found = []
    for path in sources():
        tree = ast.parse(path.read_text("utf-8"))
        if str(path.relative_to(ROOT)) in READS_CHINESE | SPEAKS_TO_OPERATORS:
            continue
        spoken = set(ast.walk(tree)) - prose(tree)
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
            for node in spoken
            if isinstance(node, ast.Constant) and CHINESE.search(literal(node))
        ]
    assert found == []
