"""The experiments are what their names say: ours but for one thing, or Rasa's own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.evaluation.pipelines import OURS, variants
from nlu.train import CONFIG, ROOT

KNOWN = {variant.name: variant for variant in variants()}


def pipeline(name: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = yaml.safe_load(KNOWN[name].configuration)["pipeline"]
    return parts


def names(name: str) -> list[str]:
    return [part["name"].rpartition(".")[2] for part in pipeline(name)]


def test_ours_is_last_and_is_the_file_itself() -> None:
    *others, last = variants()
    assert last.name == OURS and last.configuration == (ROOT / CONFIG).read_text("utf-8")
    assert [other.name for other in others] == sorted(other.name for other in others)
    assert all(variant.title and variant.title != variant.name for variant in others)


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("ours-without-lexicon", "LexiconFeaturizer"),
        ("ours-without-normaliser", "TextNormaliser"),
        ("ours-without-encoder", "SentenceEncoder"),
    ],
)
def test_one_part_is_left_out(name: str, left_out: str) -> None:
    assert pipeline(name) == [part for part in pipeline(OURS) if not part["name"].endswith(left_out)]
    assert len(pipeline(name)) == len(pipeline(OURS)) - 1


def test_without_pinyin_only_the_syllables_are_missing() -> None:
    ours, other = (
        next(part["views"] for part in pipeline(name) if "views" in part)
        for name in (OURS, "ours-without-pinyin")
    )
    assert other == {view: weight for view, weight in ours.items() if view != "syllables"}
    assert names("ours-without-pinyin") == names(OURS)


@pytest.mark.parametrize(
    ("name", "classifier"),
    [("our-features-stock", "LogisticRegressionClassifier"), ("our-features-diet", "DIETClassifier")],
)
def test_only_the_classifier_is_another(name: str, classifier: str) -> None:
    assert names(name)[: len(names(OURS)) - 1] == names(OURS)[:-1]
    assert names(name)[-1] == classifier


@pytest.mark.parametrize("name", ["stock", "stock-characters", "diet"])
def test_stock_is_rasas_own(name: str) -> None:
    assert not [part for part in pipeline(name) if part["name"].startswith("nlu.")]
    assert names(name)[0] == "JiebaTokenizer"


def test_a_part_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "experiments").mkdir(parents=True)
    (tmp_path / CONFIG).write_text("pipeline: [{name: JiebaTokenizer}]")
    (tmp_path / "nlu" / "experiments" / "x.yml").write_text(f"# x\nlike: {CONFIG}\nwithout: [Pinyin]\n")
    with pytest.raises(ValueError, match=r"x\.yml names Pinyin"):
        variants(tmp_path)


def test_what_follows_is_appended_and_options_are_changed(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "experiments").mkdir(parents=True)
    (tmp_path / CONFIG).write_text("language: zh\npipeline: [{name: a.B, x: 1, y: 2}]")
    (tmp_path / "nlu" / "experiments" / "x.yml").write_text(
        f"# A title\nlike: {CONFIG}\nwith: {{B: {{y: 3}}}}\nthen: [{{name: C}}]\n"
    )
    found, _ = variants(tmp_path)
    assert (found.name, found.title, found.file) == ("x", "A title", "nlu/experiments/x.yml")
    assert yaml.safe_load(found.configuration) == {
        "language": "zh",
        "pipeline": [{"name": "a.B", "x": 1, "y": 3}, {"name": "C"}],
    }
