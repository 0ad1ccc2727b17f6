"""What the page on WeChat's rules names as shown is a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.wechat import errors

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "wechat-conformance.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(test_\w+)::(test_\w+)`", PAGE)))


def test_there_is_much_to_name() -> None:
    assert len(NAMED) > 50


@pytest.mark.parametrize(("module", "function"), NAMED)
def test_a_test_that_is_named_exists(module: str, function: str) -> None:
    files = [path for path in TESTS.rglob(f"{module}.py") if "telegram" not in path.parts]
    assert any(re.search(rf"^(async )?def {function}\(", path.read_text(), re.MULTILINE) for path in files)


def test_every_row_names_a_module_and_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    rules = [row for row in rows if row.count("|") == 4 and not row.startswith(("| rule", "| errcode"))]
    codes = PAGE.partition("## The table of errcodes")[2].partition("\n## ")[0]
    assert len(rules) > 40
    for row in rules:
        if row not in codes:
            assert re.search(r"\| `\w+/[\w/]+\.py` \| `test_", row), row


def test_the_table_of_errcodes_is_whole() -> None:
    table = PAGE.partition("## The table of errcodes")[2].partition("\n## ")[0]
    told = {
        int(code) for row in re.findall(r"^\| ([-\d, ]+) \|", table, re.MULTILINE) for code in row.split(", ")
    }
    known = set(errors._NAMES) | errors.TOKEN_REFUSED
    beyond = {40200, 40004, 40243, 47001}
    """Reports of other developers and mistakes that our own calls cannot make: handled, not in the table."""
    assert told == known - beyond
