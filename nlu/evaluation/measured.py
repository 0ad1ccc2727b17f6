"""What a pipeline comes to: trained, served and asked for real."""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from nlu.evaluation.answers import Answer, ask, understand
from nlu.evaluation.calibration import expected_calibration_error
from nlu.evaluation.examples import Example, read_examples, read_utterances
from nlu.evaluation.figures import confusion, macro_f1
from nlu.evaluation.pipelines import Variant
from nlu.evaluation.serving import served
from nlu.evaluation.workplace import experiments_directory
from nlu.train import ROOT, SENTENCES, current_hash, train_model

HOLDOUT = ROOT / "training_data" / "holdout"
_PARSES_BEFORE, _PARSES = 20, 200


@dataclass(frozen=True, slots=True)
class Measured:
    """What a pipeline came to; times on the machine and under the load of that moment."""

    holdout: float
    """Macro F1."""
    files: dict[str, float]
    """Macro F1 of each further file, by its name."""
    calibration_error: float
    """On the holdout."""
    dialogue: float
    """Share of dialogue utterances whose intent is right."""
    training_seconds: float
    parse_ms: float
    """Median of one request at a time, as the client sees it."""
    start_seconds: float
    memory_mb: float


def fingerprint(variant: Variant, files: Sequence[Path]) -> str:
    """Return 16 hex digits over the pipeline, the sentences it learns and the texts it is measured on."""
    digest = hashlib.sha256(f"{current_hash(config=variant.file)}{variant.configuration}".encode())
    for path in (*sorted(HOLDOUT.glob("*.jsonl")), *files):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


def measure(variant: Variant, files: Mapping[str, Path], say: Callable[[str], None]) -> Measured:
    """Train the pipeline on the present sentences and ask its server.

    Raises:
        TrainError: it could not be trained or served.
        ValueError: a file is not one of labelled texts.

    """
    holdout = read_examples(HOLDOUT / "categories.jsonl")
    further = {name: read_examples(path) for name, path in files.items()}
    log = experiments_directory() / f"{variant.name}.log"
    with tempfile.TemporaryDirectory(dir=log.parent) as directory:
        model, config = Path(directory) / "model.tar.gz", Path(directory) / "config.yml"
        config.write_text(variant.configuration, "utf-8")
        started = time.monotonic()
        train_model(model, log, say, sentences=ROOT / SENTENCES, config=config)
        training_seconds = time.monotonic() - started
        with served(model) as server:
            answers = _ask(server.url, holdout)
            return Measured(
                _macro(answers),
                {name: _macro(_ask(server.url, examples)) for name, examples in further.items()},
                expected_calibration_error(answers),
                _dialogue(server.url),
                training_seconds,
                _parse_ms(server.url, [example.text for example in holdout]),
                server.start_seconds,
                server.memory(),
            )


def _ask(url: str, examples: Sequence[Example]) -> list[Answer]:
    return asyncio.run(ask(url, examples))


def _macro(answers: Sequence[Answer]) -> float:
    return macro_f1(confusion(answers))


def _dialogue(url: str) -> float:
    utterances = read_utterances(HOLDOUT / "dialogue.jsonl")
    meanings = asyncio.run(understand(url, [utterance.text for utterance in utterances]))
    return statistics.fmean(
        meaning.intent == utterance.label for meaning, utterance in zip(meanings, utterances, strict=True)
    )


def _parse_ms(url: str, texts: Sequence[str]) -> float:
    seconds = []
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for text in texts[: _PARSES_BEFORE + _PARSES]:
            started = time.perf_counter()
            client.post("/model/parse", json={"text": text}).raise_for_status()
            seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds[_PARSES_BEFORE:])
