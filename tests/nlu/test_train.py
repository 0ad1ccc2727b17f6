"""The model file by the hash of what shapes it: kept, shared, replaced, explained when it cannot be made."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from nlu import train as training
from nlu.server import running_server
from nlu.train import TrainError, current_hash, model_path, server_command, server_environment, train

RASA = """#!/bin/sh
echo trained >> "{log}"
sleep {seconds}
while [ $# -gt 0 ]; do
  case "$1" in
    --out) out="$2" ;;
    --fixed-model-name) name="$2" ;;
  esac
  shift
done
{before_end}
[ {exit} -eq 0 ] && echo model > "$out/$name"
exit {exit}
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def rasa(tmp_path: Path, log: Path, *, seconds: float = 0, exit_code: int = 0, before_end: str = "") -> str:
    """Write an interpreter that leaves a model where Rasa would."""
    script = tmp_path / "python"
    script.write_text(RASA.format(log=log, seconds=seconds, exit=exit_code, before_end=before_end))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def project(root: Path) -> Path:
    for name, text in {
        "training_data/nlu/物业.yml": "nlu: []",
        "training_data/holdout/categories.jsonl": "",
        "nlu/config.yml": "language: zh",
        "nlu/keywords.yml": "{}",
        "nlu/rasa_components/part.py": "",
        "nlu/requirements-rasa.txt": "rasa==3.6.21",
        "nlu/client.py": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    "name",
    [
        "training_data/nlu/物业.yml",
        "training_data/nlu/new.yml",
        "nlu/config.yml",
        "nlu/keywords.yml",
        "nlu/rasa_components/part.py",
        "nlu/requirements-rasa.txt",
    ],
)
def test_the_hash_follows_what_shapes_the_model(tmp_path: Path, name: str) -> None:
    root = project(tmp_path)
    before = current_hash(root)
    assert len(before) == 16
    (root / name).write_text("changed")
    assert current_hash(root) != before


@pytest.mark.parametrize("name", ["training_data/holdout/categories.jsonl", "nlu/client.py"])
def test_the_hash_ignores_the_rest(tmp_path: Path, name: str) -> None:
    root = project(tmp_path)
    before = current_hash(root)
    (root / name).write_text("changed")
    assert current_hash(root) == before


def test_a_renamed_file_is_a_change(tmp_path: Path) -> None:
    root = project(tmp_path)
    before = current_hash(root)
    (root / "nlu/rasa_components/part.py").rename(root / "nlu/rasa_components/other.py")
    assert current_hash(root) != before


def test_trains_once_and_then_skips(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    said: list[str] = []
    model = train(tmp_path / "var", said.append)
    assert model == model_path(tmp_path / "var")
    assert model.read_text() == "model\n"
    assert len(said) == 2 and said[1].startswith(f"Language model {model.name} trained in ")
    assert train(tmp_path / "var", said.append) == model
    assert log.read_text() == "trained\n"
    assert len(said) == 2
    assert not list(model.parent.glob("unfinished*"))


def test_two_at_once_share_one_training(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log, seconds=0.5))
    threads = [threading.Thread(target=train, args=(tmp_path / "var",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.read_text() == "trained\n"
    assert model_path(tmp_path / "var").exists()


def test_data_edited_meanwhile_is_trained_anew(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(tmp_path / "project")
    monkeypatch.setattr(training, "ROOT", root)
    edited = root / "training_data" / "nlu" / "new.yml"
    monkeypatch.setattr(training, "current_hash", lambda root=root: current_hash(root))
    monkeypatch.setattr(training, "model_path", lambda data_dir=None: model_path(data_dir, root))
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log, before_end=f"echo 'nlu: []' > {edited}"))
    model = train(tmp_path / "var")
    assert model == model_path(tmp_path / "var", root)
    assert log.read_text() == "trained\n" * 2
    assert [path.name for path in model.parent.glob("*.tar.gz")] == [model.name]


def test_sentences_with_mistakes_are_refused_at_once(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path / "project")
    (root / "training_data/nlu/消防.yml").write_text("nlu:\n- intent: 消防\n  examples: |\n    灭火器过期\n")
    monkeypatch.setattr(training, "ROOT", root)
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    assert training.main() == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Nothing was trained: 2 mistakes in the sentences."
    assert [line.split()[0] for line in told[1:]] == [
        "training_data/nlu/消防.yml:4",
        "training_data/nlu/消防.yml:2:",
    ]
    assert not log.exists()


def test_a_failed_training_is_one_sentence(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log, exit_code=3))
    with pytest.raises(TrainError, match=r"exit 3.*train\.log"):
        train(tmp_path / "var")
    assert not model_path(tmp_path / "var").exists()


def test_a_missing_environment_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", str(tmp_path / "nowhere"))
    with pytest.raises(TrainError, match="make setup"):
        train(tmp_path / "var")


def test_main_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("RASA_PYTHON", str(tmp_path / "nowhere"))
    assert training.main() == 1
    assert "make setup" in capsys.readouterr().err


def test_main_names_the_model(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    assert training.main() == 0
    assert f"{current_hash()}.tar.gz" in capsys.readouterr().out


def test_only_the_latest_models_are_kept(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    models = tmp_path / "var" / "models"
    models.mkdir(parents=True)
    for age in range(4):
        old = models / f"old{age}.tar.gz"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    newest = train(tmp_path / "var")
    assert {path.name for path in models.glob("*.tar.gz")} == {newest.name, "old0.tar.gz", "old1.tar.gz"}


def test_the_server_is_local_and_needs_a_model(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    with pytest.raises(TrainError, match="make train"):
        server_command(5005, tmp_path / "var")
    model = train(tmp_path / "var")
    command = server_command(5005, tmp_path / "var")
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "5005"
    assert command[command.index("--model") + 1] == str(model)
    assert command[command.index("--workers") + 1] == "0"
    assert server_command(5005, tmp_path / "var", workers=3)[-1] == "3"
    assert server_environment()["RASA_TELEMETRY_ENABLED"] == "false"


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log))
    train(tmp_path / "var")
    monkeypatch.setenv("RASA_PYTHON", rasa(tmp_path, log, before_end="echo no such module >&2", exit_code=1))
    with pytest.raises(TrainError, match="no such module"), running_server(tmp_path / "var"):
        pass
