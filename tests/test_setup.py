"""Set-up on machines that lack something: one sentence each, and never done twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_project import LOCKS, ROOT


class Machine:
    """The set-up script on a machine that has just the commands it is given."""

    def __init__(self, directory: Path) -> None:
        self.project = directory / "project"
        self.bin = directory / "bin"
        self.bin.mkdir()
        for name in ("bash", "cat", "cksum", "dirname", "mkdir", "rm", "ln"):
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)
        for name in ("bot/setup.sh", *LOCKS, "package.json", "package-lock.json"):
            target = self.project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)

    def command(self, name: str, script: str) -> None:
        """Put a program of this machine on the PATH."""
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def setup(self, *parts: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.bin), "HOME": str(self.project)}
        command = [str(self.bin / "bash"), str(self.project / "bot" / "setup.sh"), *parts]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


INSTALLS = f"""
case "$1 $2" in
    --version*) echo uv 1 ;;
    "venv -q") target="${{@: -1}}"; mkdir -p "$target/bin"; ln -sf {sys.executable} "$target/bin/python" ;;
    "pip install") echo "$@" >>"$HOME/installed" ;;
esac
"""


def test_set_up_without_python_is_one_sentence(machine: Machine) -> None:
    machine.command("python3", "echo Python 3.9; exit 1")
    ended = machine.setup("app")
    assert ended.returncode == 1
    assert ended.stderr == (
        "Python 3.11 or newer is missing: install it (Debian: apt-get install python3-venv)"
        " and run make again.\n"
    )


def test_set_up_without_the_venv_module_is_one_sentence(machine: Machine) -> None:
    machine.command("python3", 'case "$1" in -c) exit 0 ;; *) exit 1 ;; esac')
    ended = machine.setup("app")
    assert ended.returncode == 1
    assert "cannot make virtual environments: install its venv module" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_set_up_without_python_3_10_is_one_sentence(machine: Machine) -> None:
    machine.command("uv", 'case "$1" in --version) echo uv 1 ;; *) echo "no 3.10" >&2; exit 2 ;; esac')
    ended = machine.setup("rasa")
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "Rasa needs Python 3.10, which is neither on the PATH nor can be downloaded"
    )
    assert ended.stderr.count("\n") == 1


def test_set_up_without_network_is_one_sentence_and_is_not_taken_for_done(machine: Machine) -> None:
    machine.command("uv", INSTALLS.replace('echo "$@" >>"$HOME/installed"', "exit 2"))
    for _ in range(2):
        ended = machine.setup("app")
        assert ended.returncode == 1
        assert "could not be installed: check the network" in ended.stderr


def test_set_up_is_done_once_and_again_when_a_lock_changed(machine: Machine) -> None:
    machine.command("uv", INSTALLS)
    machine.command("npm", 'echo "$@" >>"$HOME/installed"; mkdir -p node_modules')
    log = machine.project / "installed"
    assert machine.setup("app", "rasa", "assets").returncode == 0
    first = log.read_text().splitlines()
    assert sum("pip install" in line and "--require-hashes" in line for line in first) == 2
    assert sum(line.startswith("ci ") for line in first) == 1
    assert machine.setup("app", "rasa", "assets").returncode == 0
    assert log.read_text().splitlines() == first
    (machine.project / "requirements.txt").write_text("# another\n")
    assert machine.setup("app", "rasa", "assets").returncode == 0
    assert len(log.read_text().splitlines()) == len(first) + 1
    # Tests need more than a run does, and what serves them serves a run too.
    assert machine.setup("dev").returncode == 0
    assert machine.setup("app").returncode == 0
    assert len(log.read_text().splitlines()) == len(first) + 2
    assert machine.setup("peers").returncode == 0
    assert machine.setup("assets").returncode == 0
    with_assets = [line for line in log.read_text().splitlines() if line.startswith("ci ")]
    assert ["--omit=dev" in line for line in with_assets] == [True, False]
