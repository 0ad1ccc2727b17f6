"""The project's own files agree with each other: locks, settings, containers, make targets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from backend.settings import Settings, load_settings
from tests.fixtures.needs import missing

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-setup.txt", "nlu/requirements-rasa.txt")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, list[str]]:
    """Package → its locked versions (more than one where they depend on the platform)."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)==([^ ;\\]+)", line):
            found.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return found


def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        missing("this is no git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_locks_hold_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    versions = locked(lock)
    for requirement in map(Requirement, wanted):
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement.name} is not in {lock}: run `make lock`"
        assert all(map(requirement.specifier.contains, found)), f"{requirement} is {found} in {lock}"


def test_tests_run_on_the_versions_that_are_used() -> None:
    development = locked("requirements-dev.txt")
    for name, versions in locked("requirements.txt").items():
        assert development[name] == versions


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text):
        assert "==" not in entry.splitlines()[0] or "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_lock_of_browser_assets_is_complete_and_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for group in ("dependencies", "devDependencies"):
        assert lock["packages"][""].get(group, {}) == package.get(group, {})
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or "integrity" in entry, name


def test_the_example_of_settings_is_complete_and_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    example = ROOT / ".env.example"
    names = re.findall(r"^([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert load_settings(_env_file=example) == load_settings(_env_file=None)


def test_containers_pass_every_setting_on() -> None:
    passed = set(COMPOSE["x-app"]["environment"]) | set(COMPOSE["services"]["prepare"]["environment"])
    passed |= set(re.findall(r"\$\{(\w+)", " ".join(COMPOSE["services"]["rasa"]["command"])))
    in_the_image = {"HOST", "PORT", "STAFF_HOST", "STAFF_PORT", "DATA_DIR"}
    assert passed - {"FORWARDED_ALLOW_IPS", "<<"} == {n.upper() for n in Settings.model_fields} - in_the_image


def test_compose_accepts_the_file_and_insists_on_secrets() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        missing("no docker-compose (Debian: apt-get install docker-compose)")
    secrets = {"POSTGRES_PASSWORD": "a", "SECRET_KEY": "b", "PUBLIC_URL": "https://chat.example"}
    base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    shown = subprocess.run(
        [program, "config"], cwd=ROOT, env=base | secrets, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    services = yaml.safe_load(shown.stdout)["services"]
    assert set(services) == {"prepare", "app", "staff", "worker", "rasa", "postgres", "redis"}
    assert all("healthcheck" in services[name] for name in set(services) - {"prepare"})
    for name in secrets:
        others = {key: value for key, value in secrets.items() if key != name}
        refused = subprocess.run(
            [program, "config", "-q"], cwd=ROOT, env=base | others, capture_output=True, check=False
        )
        assert refused.returncode != 0, name


@pytest.mark.parametrize("dockerfile", ["docker/app.Dockerfile", "docker/rasa.Dockerfile"])
def test_images_copy_only_what_there_is_and_what_is_not_ignored(dockerfile: str) -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in (ROOT / dockerfile).read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), line
                assert any(source == name or source.startswith(f"{name}/") for name in let_in), line


def test_make_knows_its_targets() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    described = re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)
    assert {"run", "test", "check", "train", "backup", "restore"} <= set(described)
    for target in described:
        planned = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert planned.returncode == 0, planned.stderr
        for module in re.findall(r"python -m ((?:bot|nlu|backend)[\w.]*)", planned.stdout):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists(), f"{target} runs {module}"


def test_no_tracked_file_names_a_registry_or_a_place_on_one_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "npm" + "mirror"]
    places = [f"/{name}/" for name in ("root", "work")] + ["/home" + "/"]
    words = re.compile("|".join(map(re.escape, [*hosts, *places])))
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = words.search(text)
        assert found is None, f"{path.relative_to(ROOT)}: {found[0] if found else ''}"


@pytest.mark.parametrize("script", ["bot/setup.sh", ".ci/run"])
def test_scripts_are_executable_and_well_formed(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True)
