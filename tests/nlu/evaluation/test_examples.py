"""Labelled files as people save them: what is read, and the one sentence about what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.evaluation.examples import Example, read_examples
from nlu.evaluation.sources import by_source
from tests.nlu.evaluation.given import taken

GOOD = '{"text": "漏水", "label": "邻里"}'


def saved(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "examples.jsonl"
    path.write_bytes(content.encode(encoding))
    return path


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = saved(tmp_path, f"{GOOD}\r\n\r\n{GOOD}\r\n", "utf-8-sig")
    assert read_examples(path) == [Example("漏水", "邻里")] * 2


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u0085"])
def test_a_line_ends_at_its_end_only(tmp_path: Path, character: str) -> None:
    path = saved(tmp_path, f'{{"text": "漏{character}水", "label": "邻里"}}\n')
    assert read_examples(path) == [Example(f"漏{character}水", "邻里")]


def test_spaces_around_a_label_and_a_source_that_is_null_do_no_harm(tmp_path: Path) -> None:
    named = '{"text": "涨价", "label": " 物业 ", "source": "letters"}'
    path = saved(tmp_path, f'{named}\n{{"text": "漏水", "label": "邻里", "source": null}}')
    examples = read_examples(path)
    assert examples == [Example("涨价", "物业", "letters"), Example("漏水", "邻里")]
    answers = [taken(one.label, one.label, source=one.source) for one in examples]
    assert [group.name for group in by_source(answers)] == ["letters"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": 5, "label": "物业"}', "text must be a string"),
        ('{"text": "漏水", "label": 3}', "label must be a string"),
        ('{"text": "漏水", "label": "物业", "source": ["信"]}', "source must be a string"),
        ('{"text": "漏水", "label": "天气"}', "has the label '天气'"),
        ('{"text": 5}', "is not a line of text and label"),
    ],
)
def test_what_is_no_example_is_said_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = saved(tmp_path, f"{GOOD}\n{line}\n")
    with pytest.raises(ValueError, match=r"examples\.jsonl:2") as raised:
        read_examples(path)
    assert said in str(raised.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path, GOOD, "gbk")
    with pytest.raises(ValueError, match="UTF-8") as raised:
        read_examples(path)
    assert str(raised.value).startswith(str(path))
