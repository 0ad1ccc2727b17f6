"""The sentences keep the rules of training_data/README.md: each once, of one class, our own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlu.evaluation.examples import read_examples, read_sentences
from nlu.sentence_check import bare, danger_mistakes, held_out, intent_mistakes, repeats, told
from nlu.sentence_files import Sentence
from nlu.understanding import CATEGORIES, DIALOGUE_INTENTS

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "training_data"
# Beside a checkout, on some machines: messages that real people wrote, for measuring only.
REAL = ROOT.parent / "shared" / "nlu" / "real_messages_dev.jsonl"
LONGEST_SHARED_RUN = 11  # characters

HEAD = 'version: "3.1"\nnlu:\n- intent: 物业\n  examples: |\n'
NAME = "training_data/nlu/物业.yml"
DANGERS = "training_data/safety.yml"
HOLDOUT = "training_data/holdout/categories.jsonl"


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of the data, a JSON line's text."""
    for path in sorted(DATA.rglob("*")):
        if path.is_file():
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                yield path, number, json.loads(line)["text"] if path.suffix == ".jsonl" and line else line


def runs(text: str) -> set[str]:
    length = LONGEST_SHARED_RUN + 1
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def checked(root: Path, files: dict[str, str], check: Callable[[Path], list[str]]) -> list[str]:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, "utf-8")
    return check(root)


def test_the_sentences_have_no_mistake() -> None:
    assert intent_mistakes(ROOT) == []
    assert danger_mistakes(ROOT) == []


def test_every_intent_has_its_sentences() -> None:
    sentences = read_sentences(DATA / "nlu")
    assert set(sentences) == {*CATEGORIES, *DIALOGUE_INTENTS}
    assert all(len(sentences[category]) >= 800 for category in CATEGORIES)


def test_the_readme_explains_every_dialogue_intent() -> None:
    table = (
        (DATA / "README.md").read_text("utf-8").partition("\n## Dialogue intents\n")[2].partition("\n\n")[0]
    )
    named = [name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1:2][0])]
    assert sorted(named) == sorted(DIALOGUE_INTENTS)


def test_the_holdout_repeats_nothing() -> None:
    for path in sorted((DATA / "holdout").glob("*.jsonl")):
        place = path.relative_to(ROOT).as_posix()
        assert repeats(one for one in held_out(ROOT) if one.place.startswith(f"{place}:")) == []


def test_no_run_of_twelve_characters_is_shared_with_real_messages() -> None:
    if not REAL.exists():
        pytest.skip("the real messages are not beside this checkout")
    real = set().union(*(runs(bare(example.text)) for example in read_examples(REAL)))
    # Where, not what: their words are not shown even here.
    shared = [
        f"{path.relative_to(ROOT)}:{number}" for path, number, line in lines() if runs(bare(line)) & real
    ]
    assert shared == []


def test_what_counts_as_the_same_sentence() -> None:
    texts = ["物业費，涨了！", "物业费 涨了", "物业费没涨", "？？", "？", "？？ "]
    sentences = [Sentence(f"f:{number}", "物业", text) for number, text in enumerate(texts)]
    assert repeats(sentences) == [
        "f:1 repeats f:0; delete one of them.",
        "f:5 repeats f:3; delete one of them.",
    ]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (
            HEAD.replace("物业", "消防") + "    - 灭火器过期\n",
            3,
            "there is no intent 消防; there are 物业, 劳资",
        ),
        ("- intent: 物业\n  examples: |\n    - 涨价\n", 0, "`nlu:` is missing"),
        ("", 0, "is empty"),
        (HEAD.replace("nlu:", "rules:"), 0, "`nlu:` is missing"),
        (HEAD + "    - 涨价\nrules: []\n", 6, "`rules:` does not belong here"),
        ("nlu: 物业\n", 1, "`nlu:` is no list"),
        (HEAD + "    - 涨价\n    停电了\n", 6, "lost its `- `"),
        (HEAD + "    - 涨价\n    -停电了\n", 6, "lost its `- `"),
        (HEAD + "    - 涨价\n      - 停电了\n", 6, "is indented too far"),
        (HEAD + "    - 涨价\n   - 停电了\n", 6, "is no YAML"),
        (HEAD + "    - 涨价\n  停电了\n    - 停水了\n", 6, "is no YAML"),
        (HEAD + "    - 涨价\n\t- 停电了\n", 6, "is no YAML"),
        (HEAD + "    - 涨价\n- 停电了\n", 6, "is not an `intent:`"),
        (HEAD + "    - 涨价\n- intent: 邻里\n", 6, "is not an `intent:`"),
        (HEAD.replace("|", "") + "    - 涨价\n", 5, "write `examples: |`"),
        (HEAD.replace("|", ">") + "    - 涨价\n", 4, "write `examples: |`"),
        (HEAD.replace("物业", "yes") + "    - 是\n", 3, 'put the intent in quotes, "yes"'),
        (HEAD + "    - 涨价\n    - \n", 6, "has no sentence"),
        (HEAD + "    - [恒大](place)涨价\n", 5, "Rasa reads [ ] as markup"),
        (HEAD + "    - 涨价\n\n    - 涨价了\n    - 涨价！\n", 8, f"repeats {NAME}:5"),
        (HEAD + "    - 涨价\n- intent: 其他\n  examples: |\n    - 涨价。\n", 8, f"of {NAME}:5 (物业)"),
        (HEAD + "    - 漏水了\n    - 没人管\n", 6, f"stands in {HOLDOUT}:2, which only measures"),
        (HEAD + "    - 涨\x07价\n", 0, "take that character out"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path: Path, content: str, line: int, said: str) -> None:
    held = '{"text": "停水", "label": "物业"}\n{"text": "没人，管", "label": "物业"}\n'
    (mistake,) = checked(tmp_path, {NAME: content, HOLDOUT: held}, intent_mistakes)
    assert mistake.startswith(f"{NAME}:{line}" if line else NAME)
    assert said in mistake and "\n" not in mistake
    assert mistake.endswith(".")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    files = {
        NAME: HEAD + "    - 涨价\n    停电了\n",
        "training_data/nlu/消防.yml": HEAD.replace("物业", "消防") + "    - 涨价\n",
        "training_data/nlu/更多.yaml": HEAD,
    }
    mistakes = checked(tmp_path, files, intent_mistakes)
    assert len(mistakes) == 4
    text = told(mistakes)
    assert text.startswith("Nothing was trained: 4 mistakes in the sentences.\n")
    for part in (
        "更多.yaml: call it 更多.yml",
        f"{NAME}:6 ",
        "消防.yml:3: there is no",
        f"{NAME}:5 (物业) is",
    ):
        assert part in text


def test_a_file_in_another_encoding_and_a_broken_holdout_are_named(tmp_path: Path) -> None:
    checked(tmp_path, {NAME: "", HOLDOUT: "涨价\n"}, list_nothing)
    (tmp_path / NAME).write_bytes((HEAD + "    - 涨价\n").encode("gbk"))
    first, second = intent_mistakes(tmp_path)
    assert first == f"{NAME} is not UTF-8; save it as UTF-8."
    assert second == f"{tmp_path / HOLDOUT}:1 is not a line of text and label"


def list_nothing(root: Path) -> list[str]:
    return []


KIND = "self_harm:\n  - 不想活了\n"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("danger:\n  - 不想活了\n", 1, "there is no kind danger; there are self_harm"),
        (KIND + "    想跳楼\n", 2, "line 3 would become a part"),
        (KIND + "    - 想跳楼\n", 2, "line 3 would become a part"),
        (KIND + "  想跳楼\n", 3, "is no YAML"),
        (KIND + "none:\n  - 不 想活了！\n", 4, f"of {DANGERS}:2 (self_harm)"),
        (KIND + "  - 不想活了。\n", 3, f"repeats {DANGERS}:2"),
        (KIND + "  - 他说: 去死\n", 3, "is put in quotes"),
        (KIND + "  - 110\n", 3, "YAML reads no text"),
        (KIND + "  - 想跳楼 #三号楼\n", 3, "what follows # would be left out"),
        (KIND + "  -\n", 3, "there is no sentence"),
        ("self_harm: 不想活了\n", 1, "below `self_harm:` a line is"),
        ("- 不想活了\n", 0, "no kind is named"),
        (KIND + "  - 想跳楼\n", 3, "tests/nlu/safety_unseen.yml:2, which only measures"),
    ],
)
def test_the_alarms_sentences_are_checked_too(tmp_path: Path, content: str, line: int, said: str) -> None:
    files = {DANGERS: content, "tests/nlu/safety_unseen.yml": "none:\n  - 想跳楼\n"}
    (mistake,) = checked(tmp_path, files, danger_mistakes)
    assert mistake.startswith(f"{DANGERS}:{line}" if line else DANGERS)
    assert said in mistake and mistake.endswith(".")
