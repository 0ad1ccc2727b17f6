"""The documentation says what is there: names, paths, links, settings, metrics, the life cycle, the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import backend.attachments.tables
import backend.candidates.tables
import backend.cases.tables
import backend.conversations.tables
import backend.db.shared_values
import backend.follow_ups.tables
import backend.organisation.tables  # noqa: F401  (imported for their tables)
from backend.db.model import metadata
from backend.domain import diagram
from backend.domain.lifecycle import ACTION_NAMES, ROLE_NAMES, STATUS_NAMES
from backend.metrics import Meters, RequestMeters
from backend.settings import Settings
from bot.registry import CHANNELS
from bot.telegram.registration import REGISTRATION
from dialogs import texts

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "training_data" / "README.md"])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BRACES = re.compile(r"\{\w+\}")
PLACES = ("bot/", "handlers/", "dialogs/", "nlu/", "backend/", "docs/", "tests/", "training_data/")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    table = text.partition(f"\n## {heading}\n")[2].partition("\n|---")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[1:]]


def anchors(path: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", path.read_text(encoding="utf-8"))):
            if not target.startswith(("http://", "https://")):
                yield path, target


@pytest.mark.parametrize(
    ("path", "target"), list(links()), ids=lambda value: str(getattr(value, "name", value))
)
def test_a_link_leads_somewhere(path: Path, target: str) -> None:
    file, _, anchor = target.partition("#")
    found = (path.parent / file).resolve() if file else path
    assert found.exists()
    assert not anchor or anchor in anchors(found)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_path_that_is_named_exists(path: Path) -> None:
    for name in re.findall(r"`([^`\s]+)`", FENCE.sub("", path.read_text(encoding="utf-8"))):
        if name.startswith(PLACES) and "<" not in name and "*" not in name:
            assert (ROOT / name).exists() or (path.parent / name).exists(), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_command_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", page("Makefile"), re.MULTILINE))
    commands = re.findall(r"(?:^|`|&& )make ([a-z-]+)", text, re.MULTILINE)
    assert set(commands) <= targets
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


def test_settings_are_explained_with_their_defaults() -> None:
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", page(".env.example"), re.MULTILINE))
    told = {name.strip("`"): default.strip("`") for name, default, _ in settings_table()}
    assert set(told) == set(example) == {name.upper() for name in Settings.model_fields}
    assert {name: "" if default == "—" else default for name, default in told.items()} == example
    assert all(words for *_, words in settings_table())


def settings_table() -> list[list[str]]:
    return rows(page("docs/operations.md"), "Settings")


def test_metrics_are_explained() -> None:
    named = {
        name.removesuffix("_total") for name in re.findall(r"`(fengqiao_\w+)", page("docs/operations.md"))
    }
    meters = [
        *Meters().registry.collect(),
        *RequestMeters("residents").registry.collect(),
        *REGISTRY.collect(),
    ]
    ours = {metric.name for metric in meters if metric.name.startswith("fengqiao_")}
    assert CHANNELS and REGISTRATION, "their meters count once they are loaded"
    assert named == ours


def test_the_life_cycle_is_the_tables() -> None:
    """After a change put what backend/domain/diagram.py makes into the page."""
    text = page("docs/architecture.md")
    shown = re.search(r"<!-- diagram -->\n```mermaid\n(.*?)\n```\n<!-- end -->", text, re.DOTALL)
    listed = re.search(r"<!-- table -->\n(.*?)\n<!-- end -->", text, re.DOTALL)
    assert shown and shown[1] == diagram.state_diagram()
    assert listed and listed[1] == diagram.action_table()


@pytest.mark.parametrize(
    ("heading", "names"), [("Statuses", STATUS_NAMES), ("Actions", ACTION_NAMES), ("Roles", ROLE_NAMES)]
)
def test_the_glossary_has_every_code_with_its_word(heading: str, names: dict[str, str]) -> None:
    told = {code.strip("`"): word for code, word, _ in rows(page("docs/glossary.md"), heading)}
    assert told == {str(code): word for code, word in names.items()}


def test_the_glossary_has_every_table_and_each_word_once() -> None:
    text = page("docs/glossary.md")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    cells = {heading: rows(text, heading) for heading in headings}
    named = set(
        re.findall(r"`(\w+)", " ".join(row[3] for table in cells.values() for row in table if row[3:]))
    )
    assert metadata.tables and set(metadata.tables) <= named
    for heading, table in cells.items():
        for column in (0, 1):
            words = [row[column] for row in table]
            assert len(set(words)) == len(words), heading


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_says_why_and_what_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "What enforces it"]
    assert text.startswith(f"# {path.name[:4]} ")
    title = text.splitlines()[0][7:]
    assert f"| [{path.name[:4]}]({path.name}) | {title} |" in page("docs/decisions/README.md")


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_the_sample_conversation_says_what_the_software_says() -> None:
    sentences = [line for text in texts.sentences("zh_CN").values() for line in text.splitlines()]
    # A sentence that is all braces would fit anything.
    fixed = [
        line
        for line in sentences
        if "{" not in line or re.search(r"[\u4e00-\u9fff]{2}", BRACES.sub("", line))
    ]
    patterns = [
        re.compile(BRACES.sub(".+", re.escape(line).replace(r"\{", "{").replace(r"\}", "}")))
        for line in fixed
    ]
    sample = page("README.md").partition("\n## A conversation\n")[2].partition("```\n")[2].partition("```")[0]
    speaker, said = "", 0
    for line in sample.splitlines():
        name, colon, words = line.partition("：")
        if line.startswith(("居民：", "小助手：", "（")):
            speaker = name if colon else ""
        if speaker == "小助手" and line:
            spoken = (words if line.startswith("小助手：") else line).removeprefix("——")
            spoken = re.sub(r"^\d ", "", spoken)
            assert any(pattern.fullmatch(spoken) for pattern in patterns), line
            said += 1
    assert said > 20


def test_the_readme_is_short() -> None:
    assert len(page("README.md").splitlines()) <= 120
