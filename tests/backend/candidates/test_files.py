"""The two files: what a person reads, the evaluation scores and Rasa trains on."""

from __future__ import annotations

import json
from datetime import date

import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.candidates.candidates import LABELS, Candidate
from backend.candidates.files import FORMS, jsonl, rasa_yaml

DAY = date(2026, 11, 23)
GUESSED = Candidate("楼上漏水", "邻里", "corrected", DAY, "物业", 0.612, "rasa")
PLAIN = Candidate(r"某公司欠[工资](钱) {x} a\nb", "劳资", "confirmed", DAY)


def test_json_lines() -> None:
    first, second = map(json.loads, jsonl([GUESSED, PLAIN]).splitlines())
    assert first == {
        "text": "楼上漏水",
        "label": "邻里",
        "verdict": "corrected",
        "date": "2026-11-23",
        "guess": "物业",
        "confidence": 0.612,
        "source": "rasa",
    }
    assert second == {"text": PLAIN.text, "label": "劳资", "verdict": "confirmed", "date": "2026-11-23"}
    assert "楼上漏水" in jsonl([GUESSED]), "a person reads it"


def test_rasas_yaml_keeps_labels_and_verdicts_apart() -> None:
    again = Candidate("楼上吵", "邻里", "confirmed", DAY)
    assert rasa_yaml([again, GUESSED, PLAIN]) == (
        'version: "3.1"\n'
        "nlu:\n"
        "# confirmed by staff, the model was not sure\n"
        "- intent: 劳资\n"
        "  examples: |\n"
        "    - 某公司欠【工资】(钱) 【x】 a/nb\n"
        "# confirmed by staff, the model was not sure\n"
        "- intent: 邻里\n"
        "  examples: |\n"
        "    - 楼上吵\n"
        "# corrected by staff\n"
        "- intent: 邻里\n"
        "  examples: |\n"
        "    - 楼上漏水\n"
    )


_WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1).filter(
    lambda words: words == words.strip()
)


@given(
    st.lists(
        st.builds(Candidate, _WORDS, st.sampled_from(LABELS), st.just("corrected"), st.just(DAY)), max_size=5
    )
)
def test_any_text_can_be_read_again(candidates: list[Candidate]) -> None:
    lines = [json.loads(line) for line in jsonl(candidates).split("\n")[:-1]]
    assert [(line["text"], line["label"]) for line in lines] == [(c.text, c.label) for c in candidates]
    blocks = yaml.safe_load(rasa_yaml(candidates))["nlu"] or []
    assert sum(block["examples"].count("\n") for block in blocks) == len(candidates)


def test_every_form_has_its_writer() -> None:
    assert {form: media for form, (_, media) in FORMS.items()} == {
        "jsonl": "application/x-ndjson",
        "yaml": "application/yaml",
    }
