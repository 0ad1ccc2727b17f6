"""`make train-alarm`: learn the alarm anew, with the scikit-learn of Rasa's environment."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nlu import alarm, safety, sentence_check
from nlu.train import ROOT, TrainError, rasa_python, server_environment

SENTENCES = ROOT / sentence_check.DANGERS
ORDINARY = ROOT / sentence_check.SENTENCES
RULES = ROOT / "nlu" / "safety.yml"
THRESHOLD = 0.8
"""Where one in a hundred ordinary complaints alarms, on texts left out of learning."""
STRENGTH = 200.0
"""Inverse of the regularisation, chosen by cross-validation."""
ORDINARY_WEIGHT = 1.0
"""Ordinary complaints are what residents write most: each counts as much as a sentence near danger."""
LEAST_WEIGHT = 1.0
"""Smaller weights are left out: the file is a quarter as long and as good."""
_INSIDE = "FENGQIAO_ALARM_TRAINING"


def inputs_hash() -> str:
    """Return 16 hex digits over all that is learned from: the sentences and the rules that clean them."""
    digest = hashlib.sha256()
    for path in (SENTENCES, RULES, *sorted(ORDINARY.glob("*.yml"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _examples() -> tuple[list[str], list[str], list[float]]:
    texts, kinds, weights = [], [], []
    for kind, sentences in yaml.safe_load(SENTENCES.read_text("utf-8")).items():
        texts += sentences
        kinds += [kind] * len(sentences)
        weights += [1.0] * len(sentences)
    for path in sorted(ORDINARY.glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            sentences = [line[2:] for line in block["examples"].splitlines()]
            # Some complaints do tell of danger; which, the rules know well enough.
            ordinary = [text for text in sentences if not safety.rules_say(text)]
            texts += ordinary
            kinds += ["none"] * len(ordinary)
            weights += [ORDINARY_WEIGHT] * len(ordinary)
    return texts, kinds, weights


def _learn() -> dict[str, Any]:
    # Only Rasa's environment has these.
    import numpy  # type: ignore  # noqa: PLC0415
    from scipy.sparse import diags  # type: ignore  # noqa: PLC0415
    from sklearn.feature_extraction.text import CountVectorizer  # type: ignore  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # type: ignore  # noqa: PLC0415

    texts, kinds, weights = _examples()
    found = [alarm.runs(safety.clean(text)) for text in texts]
    vectorizer = CountVectorizer(analyzer=sorted, binary=True, min_df=2)
    matrix = diags([alarm.scale(runs) for runs in found]) @ vectorizer.fit_transform(found)
    labels = numpy.array(kinds)
    dangerous = labels != "none"
    danger = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced", max_iter=500)
    danger.fit(matrix, dangerous, sample_weight=weights)
    kind = LogisticRegression(C=STRENGTH, solver="newton-cg", max_iter=500)
    kind.fit(matrix[dangerous], labels[dangerous])
    order = [list(kind.classes_).index(name) for name in alarm.KINDS]
    columns = numpy.vstack([danger.coef_, kind.coef_[order]])
    return {
        "sentences": inputs_hash(),
        "threshold": THRESHOLD,
        "bias": [round(float(bias), 2) for bias in (danger.intercept_[0], *kind.intercept_[order])],
        "weights": {
            str(run): [round(float(weight), 1) for weight in columns[:, place]]
            for place, run in enumerate(vectorizer.get_feature_names_out())
            if abs(columns[:, place]).max() >= LEAST_WEIGHT
        },
    }


def _write(model: dict[str, Any], path: Path) -> None:
    weights = (f"{json.dumps(run, ensure_ascii=False)}: {values}" for run, values in model["weights"].items())
    head = (f"{json.dumps(key)}: {json.dumps(model[key])}" for key in ("sentences", "threshold", "bias"))
    text = ",\n".join([*head, '"weights": {\n' + ",\n".join(weights) + "}"])
    path.write_text("{" + text + "}\n", "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Learn and write the weights to the one file named, or else where the alarm reads them.

    Print what was done, or what is wrong with the sentences or the environment.
    """
    file = Path(arguments[0]).resolve() if arguments else alarm.FILE
    if os.environ.get(_INSIDE):
        _write(_learn(), file)
        return 0
    try:
        # The ordinary sentences are learned from too.
        mistakes = [*sentence_check.danger_mistakes(ROOT), *sentence_check.intent_mistakes(ROOT)]
        if mistakes:
            raise TrainError(sentence_check.told(mistakes))
        command = [rasa_python(), "-m", "nlu.alarm_training", str(file)]
    except TrainError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    environment = {**server_environment(), _INSIDE: "1"}
    print("The alarm learns (less than a minute) ...", flush=True)  # noqa: T201
    started = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if code == 0:
        print(f"The alarm has learned, in {time.monotonic() - started:.0f} s: {file}")  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
