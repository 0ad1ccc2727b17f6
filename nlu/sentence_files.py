"""Files of sentences to learn from: each sentence with its place, and what is wrong with the form."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from nlu.evaluation.examples import numbered

_FORM = '`version: "3.1"`, then `nlu:`, below it `- intent:` and `examples: |`'
_LINE = "four spaces, `- ` and the sentence"
_ITEM = "two spaces, `- ` and the sentence"
_MARKUP = frozenset("[]{}\\")
_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, what it is an example of, and where it stands (`path:line`)."""

    place: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """A kind that a file names, and where."""

    place: str
    kind: str


@dataclass(slots=True)
class Found:
    """What files hold, and a line for each mistake in their form, which names places and quotes nobody."""

    sentences: list[Sentence] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def read_intents(path: Path, root: Path, found: Found) -> None:
    """Add what a file of Rasa's training data holds; places are told from `root`."""
    name = path.relative_to(root).as_posix()
    top = _read(path, name, found, _LINE)
    if top is None:
        return
    keys = [key.value for key, _ in top.value] if isinstance(top, yaml.MappingNode) else []
    if "nlu" not in keys:
        found.mistakes.append(f"{name}: `nlu:` is missing; the file begins with {_FORM}.")
        return
    for key, entries in top.value:
        if key.value == "nlu":
            _add_entries(entries, name, found)
        elif key.value != "version":
            found.mistakes.append(f"{name}:{_line(key)}: `{key.value}:` does not belong here; {_FORM}.")


def read_dangers(path: Path, root: Path, found: Found) -> None:
    """Add what the alarm's file holds: kinds with lists of sentences."""
    name = path.relative_to(root).as_posix()
    top = _read(path, name, found, _ITEM)
    if top is None:
        return
    if not isinstance(top, yaml.MappingNode):
        found.mistakes.append(f"{name}: no kind is named; below `self_harm:` and so on, a line is {_ITEM}.")
        return
    lines = path.read_text("utf-8-sig").split("\n")
    for key, entries in top.value:
        found.groups.append(Group(f"{name}:{_line(key)}", key.value))
        if not isinstance(entries, yaml.SequenceNode):
            found.mistakes.append(f"{name}:{_line(key)}: below `{key.value}:` a line is {_ITEM}.")
            continue
        for item in entries.value:
            place = f"{name}:{_line(item)}"
            if wrong := _item_mistake(item, lines):
                found.mistakes.append(f"{place}: {wrong}.")
            else:
                found.sentences.append(Sentence(place, key.value, item.value))


def read_held_out(path: Path, root: Path) -> list[Sentence]:
    """Return what a file holds that only measures: lines of {"text", "label"}, or kinds as for the alarm.

    Raises:
        ValueError: a line is not that.

    """
    if path.suffix == ".yml":
        found = Found()
        read_dangers(path, root, found)
        return found.sentences
    name = path.relative_to(root).as_posix()
    return [Sentence(f"{name}:{number}", one.label, one.text) for number, one in numbered(path)]


def _read(path: Path, name: str, found: Found, line: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        found.mistakes.append(f"{name} is not UTF-8; save it as UTF-8.")
        return None
    except yaml.MarkedYAMLError as error:
        # Text without a dash is only missed a line later, as a key without its colon.
        lost = error.context == "while scanning a simple key"
        mark = (error.context_mark if lost else None) or error.problem_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        found.mistakes.append(f"{place} is no YAML ({error.problem}); a line is {line}, with no tab.")
        return None
    except yaml.YAMLError as error:
        found.mistakes.append(f"{name} is no YAML ({str(error).splitlines()[0]}); take that character out.")
        return None
    if node is None:
        found.mistakes.append(f"{name} is empty; fill it or delete it.")
    return node


def _add_entries(entries: yaml.Node, name: str, found: Found) -> None:
    if not isinstance(entries, yaml.SequenceNode):
        found.mistakes.append(f"{name}:{_line(entries)}: `nlu:` is no list; the file begins with {_FORM}.")
        return
    for entry in entries.value:
        parts = (
            {key.value: value for key, value in entry.value} if isinstance(entry, yaml.MappingNode) else {}
        )
        if set(parts) != {"intent", "examples"}:
            found.mistakes.append(
                f"{name}:{_line(entry)} is not an `intent:` with its `examples: |`; a line of it is {_LINE}."
            )
            continue
        intent, examples = parts["intent"], parts["examples"]
        place = f"{name}:{_line(intent)}"
        if intent.tag != _TEXT:
            found.mistakes.append(f'{place}: put the intent in quotes, "{intent.value}".')
            continue
        found.groups.append(Group(place, intent.value))
        if getattr(examples, "style", None) != "|":
            found.mistakes.append(
                f"{name}:{_line(examples)}: write `examples: |`, below it a line is {_LINE}."
            )
            continue
        for number, text in enumerate(examples.value.split("\n"), start=_line(examples) + 1):
            if text.strip():
                _add_line(f"{name}:{number}", intent.value, text, found)


def _add_line(place: str, intent: str, text: str, found: Found) -> None:
    sentence = text.removeprefix("- ").strip()
    if text.startswith(" "):
        found.mistakes.append(f"{place} is indented too far and would be left out; a line is {_LINE}.")
    elif not text.startswith("- "):
        found.mistakes.append(f"{place} lost its `- ` and would be left out; a line is {_LINE}.")
    elif not sentence:
        found.mistakes.append(f"{place} has no sentence; write one or delete the line.")
    elif marks := _MARKUP.intersection(sentence):
        shown = " ".join(sorted(marks))
        found.mistakes.append(
            f"{place}: Rasa reads {shown} as markup; write the sentence without, or with 【】."
        )
    else:
        found.sentences.append(Sentence(place, intent, sentence))


def _item_mistake(item: yaml.Node, lines: list[str]) -> str | None:
    begin, end = item.start_mark.line, item.end_mark.line
    if not isinstance(item, yaml.ScalarNode):
        return "what has a colon and a space, or begins with a bracket, is put in quotes"
    if not item.value.strip():
        return "there is no sentence; write one or delete the line"
    if item.tag != _TEXT:
        return "YAML reads no text here; put it in quotes"
    if end > begin:
        return f"line {begin + 2} would become a part of this sentence; a line is {_ITEM}"
    written = lines[begin].strip()
    if not written.startswith("- "):
        return f"a line is {_ITEM}"
    if item.style is None and written[2:].strip() != item.value:
        return "what follows # would be left out; put the sentence in quotes"
    return None


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
