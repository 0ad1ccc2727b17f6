"""Labelled texts: a file to measure on, and the project's own sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.understanding import CATEGORIES


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; `source` tells where it came from, empty when unknown."""

    text: str
    label: str
    source: str = ""


def read_examples(path: Path) -> list[Example]:
    """Read lines of {"text", "label", "source"?}.

    Raises:
        ValueError: a line is not that, or its label is not a category.

    """
    examples = []
    for number, example in numbered(path):
        if example.label not in CATEGORIES:
            raise ValueError(
                f"{path}:{number} has the label {example.label!r}; labels are {', '.join(CATEGORIES)}"
            )
        examples.append(example)
    if not examples:
        raise ValueError(f"{path} holds no example")
    return examples


def read_utterances(path: Path) -> list[Example]:
    """Read lines of {"text", "label"} whose label is any intent.

    Raises:
        ValueError: a line is not that.

    """
    return [example for _, example in numbered(path)]


def numbered(path: Path) -> list[tuple[int, Example]]:
    """Read lines of {"text", "label", "source"?}, each with its number in the file.

    Raises:
        ValueError: there is no such file, or a line is not that.

    """
    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise ValueError(f"There is no file {path}.") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8; save it as UTF-8") from error
    # Not splitlines: U+2028 and U+0085 are characters of a text.
    lines = enumerate(content.split("\n"), start=1)
    return [(number, _example(f"{path}:{number}", line)) for number, line in lines if line.strip()]


def _example(where: str, line: str) -> Example:
    try:
        row = json.loads(line)
        text, label, source = row["text"], row["label"], row.get("source")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{where} is not a line of text and label") from error
    source = "" if source is None else source
    for name, value in (("text", text), ("label", label), ("source", source)):
        if not isinstance(value, str):
            raise ValueError(f"{where}: {name} must be a string")
    return Example(text, label.strip(), source)


def read_sentences(directory: Path) -> dict[str, list[str]]:
    """Return the sentences of each intent below a directory of Rasa's training data, in the files' order."""
    sentences: dict[str, list[str]] = {}
    for path in sorted(directory.glob("**/*.yml")):
        for entry in _entries(path):
            lines = (line.strip() for line in entry["examples"].splitlines())
            found = (line.removeprefix("-").strip() for line in lines)
            sentences.setdefault(entry["intent"], []).extend(filter(None, found))
    return sentences


def write_sentences(path: Path, sentences: dict[str, list[str]]) -> None:
    """Write a file of Rasa's training data."""
    entries = [
        {"intent": intent, "examples": "".join(f"- {line}\n" for line in lines)}
        for intent, lines in sentences.items()
    ]
    content = yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True, sort_keys=False)
    path.write_text(content, "utf-8")


def _entries(path: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load(path.read_text("utf-8"))
    return [entry for entry in content.get("nlu", []) if "intent" in entry]
