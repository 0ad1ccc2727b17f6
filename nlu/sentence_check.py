"""What is wrong with the sentences that are learned from: found in a second, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nlu.alarm import KINDS
from nlu.normalisation import normalise
from nlu.sentence_files import Found, Sentence, read_dangers, read_held_out, read_intents
from nlu.understanding import CATEGORIES, DIALOGUE_INTENTS

SENTENCES = "training_data/nlu"
DANGERS = "training_data/safety.yml"
HELD_OUT = ("training_data/holdout/*.jsonl", "tests/nlu/safety_unseen.yml", "tests/nlu/safety_everyday.yml")
NO_DANGER = "none"


def intent_mistakes(root: Path) -> list[str]:
    """Return a sentence for each mistake in what the language model learns from, in the files' order."""
    directory = root / SENTENCES
    found = Found()
    # Rasa would read these too, but the model's name does not follow them.
    for path in sorted(directory.glob("**/*.yaml")):
        found.mistakes.append(f"{path.relative_to(root).as_posix()}: call it {path.stem}.yml.")
    for path in sorted(directory.glob("**/*.yml")):
        read_intents(path, root, found)
    known = (*CATEGORIES, *DIALOGUE_INTENTS)
    advice = "what none of them covers is learned as 其他, under which a centre's own categories are chosen"
    return [*found.mistakes, *_unknown(found, known, "intent", advice), *_twice(found, root)]


def danger_mistakes(root: Path) -> list[str]:
    """Return a sentence for each mistake in what the alarm for dangers learns from."""
    found = Found()
    read_dangers(root / DANGERS, root, found)
    advice = f"what only sounds like danger is {NO_DANGER}"
    return [*found.mistakes, *_unknown(found, (*KINDS, NO_DANGER), "kind", advice), *_twice(found, root)]


def told(mistakes: Sequence[str]) -> str:
    """Return the mistakes as lines below one that counts them."""
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return "\n".join([f"Nothing was trained: {count} in the sentences.", *(f"  {line}" for line in mistakes)])


def bare(text: str) -> str:
    """Return a text as it sounds: without spaces, punctuation, width and script; that alone if it is all."""
    return "".join(filter(str.isalnum, normalise(text))) or text.strip()


def repeats(sentences: Iterable[Sentence], held_out: Iterable[Sentence] = ()) -> list[str]:
    """Return a sentence for each that sounds like one before it, or like one that only measures."""
    measuring = {bare(one.text): one.place for one in held_out}
    seen: dict[str, Sentence] = {}
    mistakes = []
    for one in sentences:
        sound = bare(one.text)
        first = seen.setdefault(sound, one)
        if sound in measuring:
            mistakes.append(
                f"{one.place} stands in {measuring[sound]}, which only measures; write the idea another way."
            )
        if first.kind != one.kind:
            mistakes.append(
                f"{one.place} ({one.kind}) is the sentence of {first.place} ({first.kind}); "
                "it can be of one only: delete the other."
            )
        elif first is not one:
            mistakes.append(f"{one.place} repeats {first.place}; delete one of them.")
    return mistakes


def held_out(root: Path) -> list[Sentence]:
    """Return all texts that only measure.

    Raises:
        ValueError: a file of them has a line that is none.

    """
    files = (path for pattern in HELD_OUT for path in sorted(root.glob(pattern)))
    return [sentence for path in files for sentence in read_held_out(path, root)]


def _twice(found: Found, root: Path) -> list[str]:
    try:
        return repeats(found.sentences, held_out(root))
    except ValueError as error:
        return [str(error)]


def _unknown(found: Found, known: Sequence[str], what: str, advice: str) -> list[str]:
    return [
        f"{group.place}: there is no {what} {group.kind}; there are {', '.join(known)} ({advice})."
        for group in found.groups
        if group.kind not in known
    ]
