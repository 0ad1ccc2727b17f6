"""The comparison: measured once, kept, put between the markers of the page; nothing else there changes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.evaluation import compare
from nlu.evaluation.compare import main
from nlu.evaluation.measured import Measured, fingerprint
from nlu.evaluation.pipelines import Variant, variants
from nlu.evaluation.table import BEGIN, END, with_table
from nlu.train import ROOT, TrainError

NOW = datetime(2026, 11, 21, 17, tzinfo=UTC)
PAGE = f"# Page\n{BEGIN}old{END}\n\nrest\n"
MEASURED = Measured(0.9, {"real": 0.8}, 0.05, 0.7, 61.2, 4.26, 9.6, 512.4)
CELLS = "0.900 | 0.800 | 0.050 | 0.700 | 61 | 4.3 | 10 | 512 |"


class Bench:
    """Measures nothing, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.measured: list[str] = []
        self.fails_at = ""

    def __call__(self, variant: Variant, files: object, say: object) -> Measured:
        self.measured.append(variant.name)
        if variant.name == self.fails_at:
            raise TrainError("Training the language model failed.")
        return MEASURED


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    made = Bench()
    monkeypatch.setattr(compare, "measure", made)
    monkeypatch.setattr(compare, "PAGE", tmp_path / "nlu.md")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "nlu.md").write_text(PAGE, "utf-8")
    return made


@pytest.fixture
def real(tmp_path: Path) -> Path:
    file = tmp_path / "real.jsonl"
    file.write_text('{"text": "漏水", "label": "邻里"}\n', "utf-8")
    return file


def test_the_table_goes_between_the_markers(
    bench: Bench, real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(real)], NOW) == 0
    page = (tmp_path / "nlu.md").read_text("utf-8")
    table = page.removeprefix(f"# Page\n{BEGIN}").removesuffix(f"{END}\n\nrest\n")
    assert table in capsys.readouterr().out
    header, rule, *rows = table.partition("\n\n")[0].splitlines()
    assert header.startswith("| pipeline | holdout | real | ECE |")
    assert rule.count("---") == header.count("|") - 1
    assert [re.findall(r"\*\*(.+?)\*\*", row) for row in rows] == [[v.name] for v in variants()]
    assert all(row.endswith(CELLS) for row in rows)
    assert "Made on 2026-11-22" in table


def test_an_interrupted_run_goes_on(bench: Bench, real: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [variant.name for variant in variants()]
    bench.fails_at = names[2]
    assert main([str(real)], NOW) == 1
    assert "failed" in capsys.readouterr().err
    assert compare.PAGE.read_text("utf-8") == PAGE
    bench.fails_at = ""
    assert main([str(real)], NOW) == 0
    assert bench.measured == [*names[:3], *names[2:]]
    real.write_text('{"text": "漏水了", "label": "邻里"}\n', "utf-8")
    assert main([str(real), "--only", names[0]], NOW) == 0
    assert bench.measured[-1] == names[0]


def test_a_part_is_printed_and_the_page_left_alone(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "ours", "stock"], NOW) == 0
    assert bench.measured == ["ours", "stock"]
    assert compare.PAGE.read_text("utf-8") == PAGE
    assert capsys.readouterr().out.count("| **") == 2


def test_an_unknown_pipeline_is_named(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "better"], NOW) == 1
    assert "No pipeline is called better" in capsys.readouterr().err
    assert not bench.measured


def test_what_changed_meanwhile_is_not_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = iter(["before", "after"])
    monkeypatch.setattr(compare, "fingerprint", lambda variant, files: next(marks))
    assert main(["--only", "ours"], NOW) == 1
    assert "changed while ours was measured" in capsys.readouterr().err
    assert not list((tmp_path / "var" / "experiments").glob("*.json"))


def test_a_page_without_a_place_is_not_written(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    compare.PAGE.write_text("# Page\n", "utf-8")
    assert main([], NOW) == 1
    assert "no place for the table" in capsys.readouterr().err
    assert compare.PAGE.read_text("utf-8") == "# Page\n"


def test_the_fingerprint_follows_pipeline_and_texts(real: Path) -> None:
    one, *_, other = variants()
    before = fingerprint(one, [real])
    assert fingerprint(one, [real]) == before
    assert len({before, fingerprint(other, [real]), fingerprint(one, [])}) == 3
    real.write_text("{}", "utf-8")
    assert fingerprint(one, [real]) != before


def test_the_page_of_the_project_has_the_place_and_names_what_exists() -> None:
    page = (ROOT / "docs" / "nlu.md").read_text("utf-8")
    assert with_table(page, "x") != page
    shown = page.partition(BEGIN)[2].partition(END)[0]
    assert set(re.findall(r"^\| \*\*(.+?)\*\*", shown, re.MULTILINE)) <= {v.name for v in variants()}


def test_figures_survive_being_kept() -> None:
    assert Measured(**json.loads(json.dumps(compare.asdict(MEASURED)))) == MEASURED
