"""Rasa as a whole, with a form and an SQL tracker store, in Rasa's own words."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from nlu.evaluation.workplace import experiments_directory
from nlu.train import ROOT, SENTENCES, TrainError, rasa_python, server_environment

HERE = Path(__file__).parent
SUBMITTED = "registered"

Say = Callable[[str], None]


def form_model(say: Say, questions: int) -> Path:
    """Train the form with so many questions, unless one of the present sentences is kept.

    Raises:
        TrainError: Rasa's environment is missing, or it does not train.

    """
    directory = experiments_directory()
    ours = "".join((HERE / name).read_text("utf-8") for name in ("config.yml", "rules.yml"))
    sentences = (path.read_text("utf-8") for path in sorted((ROOT / SENTENCES).rglob("*.yml")))
    digest = hashlib.sha256(f"{ours}{questions}{''.join(sentences)}".encode()).hexdigest()[:16]
    model = directory / f"form-{digest}.tar.gz"
    if model.exists():
        return model
    say("Rasa's form has no model of the present sentences yet: training it ...")
    with TemporaryDirectory(dir=directory) as place:
        domain = Path(place) / "domain.yml"
        domain.write_text(json.dumps(_domain(questions)), "utf-8")
        command = [rasa_python(), "-m", "rasa", "train", "--domain", str(domain), "--out", place]
        command += ["--data", str(ROOT / SENTENCES), str(HERE / "rules.yml")]
        command += ["--config", str(HERE / "config.yml"), "--fixed-model-name", "form"]
        with (directory / "form.log").open("wb") as log:
            ended = subprocess.run(
                command, cwd=ROOT, env=server_environment(), stdout=log, stderr=log, check=False
            )
        made = Path(place) / "form.tar.gz"
        if ended.returncode or not made.exists():
            raise TrainError(f"Rasa did not train its form; the reason is in {directory / 'form.log'}.")
        for old in directory.glob("form-*.tar.gz"):
            old.unlink()
        made.replace(model)
    return model


def command(model: Path, place: Path, database_url: str, port: int) -> list[str]:
    """Return the command of Rasa's own server, its trackers in the database at `database_url`."""
    endpoints, credentials = place / "endpoints.yml", place / "credentials.yml"
    store = {"type": "SQL", "dialect": "postgresql", "url": database_url}
    endpoints.write_text(yaml.safe_dump({"tracker_store": store}), "utf-8")
    credentials.write_text("rest:\n", "utf-8")
    options = {
        "--model": model,
        "--endpoints": endpoints,
        "--credentials": credentials,
        "--interface": "127.0.0.1",
        "--port": port,
    }
    words = (str(word) for option in options.items() for word in option)
    return [rasa_python(), "-m", "rasa", "run", "--enable-api", "--quiet", *words]


def _domain(questions: int) -> dict[str, object]:
    slots = ["place", *(f"detail_{number}" for number in range(1, questions))]
    return {
        "version": "3.1",
        "intents": _intents(),
        "slots": {
            slot: {
                "type": "text",
                "influence_conversation": False,
                "mappings": [
                    {
                        "type": "from_text",
                        "conditions": [{"active_loop": "complaint_form", "requested_slot": slot}],
                    }
                ],
            }
            for slot in slots
        },
        "forms": {"complaint_form": {"required_slots": slots}},
        "responses": {f"utter_ask_complaint_form_{slot}": [{"text": f"{slot}?"}] for slot in slots}
        | {"utter_submitted": [{"text": SUBMITTED}]},
    }


def _intents() -> list[str]:
    names: set[str] = set()
    for path in sorted((ROOT / SENTENCES).rglob("*.yml")):
        entries = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"]
        names |= {entry["intent"] for entry in entries if "intent" in entry}
    return sorted(names)
