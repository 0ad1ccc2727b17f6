"""The report: its figures, its last line, and what it says about a bad file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.evaluate import Example, answers_of, macro_f1, main, read_examples, report, scores
from nlu.train import TrainError
from tests.nlu.fake_rasa import FakeRasa

LABELS = ["物业", "物业", "劳资", "其他"]
ANSWERS = ["物业", "劳资", "劳资", "其他"]


def test_scores() -> None:
    by_label = scores(LABELS, ANSWERS)
    assert list(by_label) == ["物业", "劳资", "其他"]
    assert (by_label["物业"].precision, by_label["物业"].recall, by_label["物业"].support) == (1.0, 0.5, 2)
    assert (by_label["劳资"].precision, by_label["劳资"].recall) == (0.5, 1.0)
    assert by_label["物业"].f1 == by_label["劳资"].f1 == pytest.approx(2 / 3)
    assert macro_f1(LABELS, ANSWERS) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert macro_f1(["家事"], ["其他"]) == 0


def test_report_ends_with_the_figure_and_names_sources() -> None:
    examples = [
        Example("x", label, source)
        for label, source in zip(LABELS, ["chat", "letter", "chat", ""], strict=True)
    ]
    lines = list(report(examples, ANSWERS))
    assert lines[-1] == "macro_f1=0.778"
    assert "chat: 2 / 2" in lines
    assert "letter: 0 / 1  物业>劳资 1" in lines
    assert "物业      1     1     0     0     0" in lines


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"text": "x"}', '{"text": "x", "label": "greeting"}', "3", ""]
)
def test_a_bad_line_is_one_sentence(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text(f"{line}\n")
    assert main([str(file)]) == 1
    assert capsys.readouterr().err.startswith(str(file))


def test_no_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 1
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_reads_lines(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    rows = [{"text": "物业", "label": "物业", "source": "chat"}, {"text": "工资", "label": "劳资"}]
    file.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    assert read_examples(file) == [Example("物业", "物业", "chat"), Example("工资", "劳资")]


async def test_dialogue_intents_do_not_compete_and_silence_is_no_answer() -> None:
    server = FakeRasa()
    await server.start()
    assert await answers_of(server.url, [Example("涨价", "物业")]) == ["物业"]
    server.status = 500
    with pytest.raises(TrainError):
        await answers_of(server.url, [Example("涨价", "物业")])
    await server.stop()
