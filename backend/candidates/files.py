"""Candidates as files for a person to read and then to paste: one JSON object a line, or Rasa's YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from backend.candidates.candidates import LABELS, Candidate

Form = Literal["jsonl", "yaml"]

_VERDICTS = {"corrected": "corrected by staff", "confirmed": "confirmed by staff, the model was not sure"}
# Rasa reads [words](entity) and {"entity": …} in an example as an annotation, and a backslash as an escape.
_ANNOTATION = str.maketrans("[]{}\\", "【】【】/")


def jsonl(candidates: Iterable[Candidate]) -> str:
    """One object a line; `text` and `label` are what `make nlu-eval FILE=…` reads too."""
    return "".join(json.dumps(_fields(one), ensure_ascii=False) + "\n" for one in candidates)


def rasa_yaml(candidates: Iterable[Candidate]) -> str:
    """Rasa's training data, one block for each label and verdict; the examples can be pasted after a look."""
    blocks = ['version: "3.1"\nnlu:\n']
    for (label, verdict), group in groupby(
        sorted(candidates, key=_order), key=lambda c: (c.label, c.verdict)
    ):
        lines = "".join(f"    - {one.text.translate(_ANNOTATION)}\n" for one in group)
        blocks.append(f"# {_VERDICTS[verdict]}\n- intent: {label}\n  examples: |\n{lines}")
    return "".join(blocks)


FORMS: Mapping[Form, tuple[Callable[[Iterable[Candidate]], str], str]] = MappingProxyType(
    {"jsonl": (jsonl, "application/x-ndjson"), "yaml": (rasa_yaml, "application/yaml")}
)
"""Form → its writer and its media type; the form is also the file's ending."""


def _order(candidate: Candidate) -> tuple[int, str]:
    return LABELS.index(candidate.label), candidate.verdict


def _fields(candidate: Candidate) -> dict[str, object]:
    fields: dict[str, object] = {
        "text": candidate.text,
        "label": candidate.label,
        "verdict": candidate.verdict,
        "date": candidate.on.isoformat(),
    }
    if candidate.guess:
        fields["guess"] = candidate.guess
        fields["confidence"] = candidate.confidence
        fields["source"] = candidate.source
    return fields
