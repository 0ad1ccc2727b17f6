"""The model file: which one belongs to the present data, how it is made, how its server is started."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nlu import sentence_check

ROOT = Path(__file__).resolve().parent.parent
KEPT_MODELS = 3
SENTENCES = sentence_check.SENTENCES
CONFIG = "nlu/config.yml"
_UNFINISHED = "unfinished-"
_INPUTS = (
    f"{SENTENCES}/**/*.yml",
    CONFIG,
    "nlu/keywords.yml",
    "nlu/keywords.py",
    "nlu/normalisation.py",
    "nlu/jieba/*.txt",
    "nlu/rasa_components/*.py",
    "nlu/requirements-rasa.txt",
)


class TrainError(Exception):
    """The model could not be made; the message is one sentence for the operator."""


def current_hash(root: Path = ROOT, config: str = CONFIG) -> str:
    """Return 16 hex digits over everything that shapes the model of this pipeline (a path below `root`)."""
    digest = hashlib.sha256()
    for pattern in (config if pattern == CONFIG else pattern for pattern in _INPUTS):
        for path in sorted(root.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def data_directory(data_dir: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where everything made is kept: `data_dir`, else DATA_DIR, else var/."""
    return (data_dir or Path(environment.get("DATA_DIR") or ROOT / "var")).resolve()


def model_path(data_dir: Path | None = None, root: Path = ROOT) -> Path:
    """Return where the model of the present data is, or will be; `data_dir` defaults to DATA_DIR."""
    return data_directory(data_dir) / "models" / f"{current_hash(root)}.tar.gz"


def rasa_python() -> str:
    """Return the interpreter of Rasa's environment (RASA_PYTHON, else .venv-rasa).

    Raises:
        TrainError: there is none.

    """
    path = Path(os.environ.get("RASA_PYTHON") or ROOT / ".venv-rasa" / "bin" / "python")
    if not path.exists():
        raise TrainError(
            f"Rasa's Python environment is missing at {path}; run `make setup` or set RASA_PYTHON."
        )
    return str(path)


def server_command(port: int, data_dir: Path | None = None, workers: int = 0) -> list[str]:
    """Return the command of the model's HTTP server on 127.0.0.1; run it with `server_environment()`.

    `workers` is how many processes answer; 0: as many as cores, at most four.

    Raises:
        TrainError: Rasa's environment or the present data's model is missing.

    """
    model = model_path(data_dir)
    if not model.exists():
        raise TrainError(f"There is no model for the present training data at {model}; run `make train`.")
    options = ["--model", str(model), "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    return [rasa_python(), "-m", "nlu.rasa_server", *options]


def server_environment() -> dict[str, str]:
    """Return the environment of Rasa's processes: no telemetry, one thread, quiet libraries."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # A fixed hash seed keeps the order of sets, and so the model, the same from run to run.
        "PYTHONHASHSEED": "0",
    }


def train(data_dir: Path | None = None, say: Callable[[str], None] = lambda line: None) -> Path:
    """Return the model of the present data, trained now if there is none yet.

    `say` hears a line every few seconds. Two processes that train at once share one training.

    Raises:
        TrainError: the sentences have mistakes, Rasa's environment is missing or training failed.

    """
    _refuse_mistakes()
    model = model_path(data_dir)
    if model.exists():
        return model
    rasa_python()
    model.parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(model.parent):
        # Data edited during a training leaves that model without a claim to either hash.
        while not (model := model_path(data_dir)).exists():
            unfinished = model.with_name(f"{_UNFINISHED}{model.name}")
            log = model.parent / "train.log"
            train_model(unfinished, log, say, sentences=ROOT / SENTENCES, config=ROOT / CONFIG)
            if model_path(data_dir) == model:
                unfinished.replace(model)
            else:
                say("The data changed meanwhile: once more.")
                _refuse_mistakes()
        _forget_old_models(model)
    return model


def train_model(model: Path, log: Path, say: Callable[[str], None], *, sentences: Path, config: Path) -> None:
    """Train the pipeline in the file `config` on the directory `sentences` into the file `model`.

    `log` gets Rasa's output, `say` a line every few seconds.

    Raises:
        TrainError: Rasa's environment is missing or training failed.

    """
    options = {
        "--nlu": str(sentences),
        "--config": str(config),
        "--out": str(model.parent),
        "--fixed-model-name": model.name,
    }
    words = (word for option in options.items() for word in option)
    command = [rasa_python(), "-m", "rasa", "train", "nlu", *words]
    say("Training the language model (one to five minutes) ...")
    # What Rasa and jieba put down on the way goes with it.
    with log.open("wb") as output, tempfile.TemporaryDirectory(prefix="training-", dir=model.parent) as aside:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**server_environment(), "TMPDIR": aside},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            _wait(process, started, say)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode or not model.exists():
        raise TrainError(
            f"Training the language model failed (exit {process.returncode}); the reason is in {log}."
        )
    name = model.name.removeprefix(_UNFINISHED)
    say(f"Language model {name} trained in {time.monotonic() - started:.0f} s.")


def _refuse_mistakes() -> None:
    if mistakes := sentence_check.intent_mistakes(ROOT):
        raise TrainError(sentence_check.told(mistakes))


def _wait(process: subprocess.Popen[bytes], started: float, say: Callable[[str], None]) -> None:
    while True:
        try:
            process.wait(timeout=5)
            return
        except subprocess.TimeoutExpired:
            say(f"  still training, {time.monotonic() - started:.0f} s")


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old_models(newest: Path) -> None:
    for path in newest.parent.glob(f"{_UNFINISHED}*"):
        path.unlink()
    others = (path for path in newest.parent.glob("*.tar.gz") if path != newest)
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_MODELS - 1 :]:
        path.unlink(missing_ok=True)


def main() -> int:
    """Make the model of the present data; print progress, and what is wrong if that fails."""
    try:
        path = train(say=lambda line: print(line, flush=True))  # noqa: T201
    except TrainError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"Language model: {path}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
