"""Pipelines beside this project's own: written out in nlu/experiments, or as what differs from another.

A file holds a `pipeline` as Rasa's configuration does, or `like`, the path of another configuration, with
components to leave out (`without`), other options for some (`with`) and components to append (`then`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.train import CONFIG, ROOT

EXPERIMENTS = "nlu/experiments"
OURS = "ours"


@dataclass(frozen=True, slots=True)
class Variant:
    """A pipeline: its name, what it is in a few words, its file below the root, Rasa's configuration."""

    name: str
    title: str
    file: str
    configuration: str


def variants(root: Path = ROOT) -> list[Variant]:
    """Return the experiments by name, then this project's pipeline; a title is its file's first comment.

    Raises:
        ValueError: a file names a component that the other configuration does not have.

    """
    others = [_variant(root, path) for path in sorted((root / EXPERIMENTS).glob("*.yml"), key=_name)]
    ours = Variant(OURS, f"`{CONFIG}`", CONFIG, (root / CONFIG).read_text("utf-8"))
    return [*others, ours]


def _name(path: Path) -> str:
    return path.stem


def _variant(root: Path, path: Path) -> Variant:
    text = path.read_text("utf-8")
    described = yaml.safe_load(text)
    configuration = yaml.safe_load((root / described.get("like", CONFIG)).read_text("utf-8"))
    pipeline = described.get("pipeline") or _changed(configuration["pipeline"], described, path.name)
    title = text.splitlines()[0].removeprefix("#").strip()
    written = yaml.safe_dump(configuration | {"pipeline": pipeline}, allow_unicode=True, sort_keys=False)
    return Variant(path.stem, title, path.relative_to(root).as_posix(), written)


def _changed(pipeline: list[dict[str, Any]], described: dict[str, Any], file: str) -> list[dict[str, Any]]:
    without, options = set(described.get("without", ())), described.get("with", {})
    named = [(part["name"].rpartition(".")[2], part) for part in pipeline]
    if unknown := (without | set(options)) - {name for name, _ in named}:
        raise ValueError(
            f"{file} names {', '.join(sorted(unknown))}, which {described['like']} does not have"
        )
    kept = [part | options.get(name, {}) for name, part in named if name not in without]
    return [*kept, *described.get("then", ())]
