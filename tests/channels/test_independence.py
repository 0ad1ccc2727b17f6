"""Nothing in dialogues and handlers knows a channel by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.registry import CHANNELS

ROOT = Path(__file__).resolve().parents[2]
NAMES = {registration.name for registration in CHANNELS} - {"web"} | {"webchat", "weixin", "aiogram"}
FILES = sorted(
    path
    for folder in ("dialogs", "handlers")
    for path in (ROOT / folder).rglob("*.py")
    if path.stat().st_size
)


def words_of(tree: ast.Module) -> Iterator[str]:
    """Every name and every text of a module, but for what its docstrings explain."""
    explained = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(value)) if id(node) not in explained:
                yield value
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.arg(arg=name):
                yield name
            case ast.ImportFrom(module=str(name)) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_channel_is_known_by_name(file: Path) -> None:
    words = set(words_of(ast.parse(file.read_text("utf-8"))))
    assert not [word for word in words for name in NAMES if name in word.lower() or word == "web"]


def test_the_look_finds_what_it_looks_for() -> None:
    module = ast.parse('"""About wechat."""\nif channel == "wechat": pass\n"wechat"\n')
    assert [word for word in words_of(module) if "wechat" in word] == ["wechat"]
