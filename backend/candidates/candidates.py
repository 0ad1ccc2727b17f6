"""Candidates for training (候选语料): stories with the category a person gave them, without personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from backend.candidates.judged import Found, Judged, Verdict
from backend.domain.deadlines import SHANGHAI
from backend.domain.masking import people, places
from backend.domain.masking.mask import mask
from backend.domain.rules import Rules

LABELS = ("物业", "劳资", "家事", "邻里", "其他")
"""The model's labels; a centre's own further categories are 其他 to it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence for a person to look at: nothing in it names the case or anybody."""

    text: str
    label: str
    verdict: Verdict
    on: date
    """The day (Shanghai's) of the person's judgement."""
    guess: str = ""
    """The label that the machine had guessed; empty when it is not known."""
    confidence: float | None = None
    """Of the guess, 0 to 1."""
    source: str = ""
    """Who guessed: rasa or keywords."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What can be downloaded, and what could not be made free of personal data for sure."""

    candidates: tuple[Candidate, ...]
    left_out: int
    more: bool
    """Whether older ones are left behind."""

    def count(self, verdict: Verdict) -> int:
        """How many of them a person judged so."""
        return Counter(candidate.verdict for candidate in self.candidates)[verdict]


def collection(found: Found, rules: Rules) -> Collection:
    """Mask every story; the doubtful ones and repetitions are left out. Takes some milliseconds for each."""
    labels = {category.code: category.name for category in rules.categories}
    chosen: dict[tuple[str, str], Candidate] = {}
    left_out = 0
    for case in found.cases:
        masked = mask(case.story, _known(case, found.regions))
        if masked.doubtful:
            left_out += 1
            continue
        candidate = _candidate(case, masked.text, labels)
        chosen.setdefault((candidate.text, candidate.label), candidate)
    return Collection(tuple(chosen.values()), left_out, found.more)


def _candidate(case: Judged, text: str, labels: dict[str, str]) -> Candidate:
    guess = str(case.guess.get("category", ""))
    confidence = case.guess.get("confidence")
    return Candidate(
        text=text,
        label=_label(labels.get(case.category, "")),
        verdict=case.verdict,
        on=case.at.astimezone(SHANGHAI).date(),
        guess=_label(labels.get(guess, "")) if guess else "",
        confidence=float(confidence) if guess and isinstance(confidence, int | float) else None,
        source=str(case.guess.get("source", "")) if guess else "",
    )


def _label(category_name: str) -> str:
    return category_name if category_name in LABELS else LABELS[-1]


def _known(case: Judged, regions: Iterable[str]) -> list[str]:
    """What the case itself holds and no story may keep; not 物业 or 楼上, which tell what it is about."""
    names = [name for name, _ in case.parties if people.is_name(name)]
    phones = [phone for _, phone in case.parties if phone]
    return [case.number, *names, *phones, *places.estates(case.place), *regions]
