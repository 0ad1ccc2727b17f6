"""Who the embedded PostgreSQL runs as; root is played where the tests do not run as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from backend.db import system_user
from backend.db.embedded import binary
from backend.db.system_user import SystemUserError, identity

PROGRAMS = binary("postgres").parent


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(system_user, "_can_run", lambda _programs, _who: True)


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> pwd.struct_passwd:
    """The server's user, without adding one to this machine."""
    entry = pwd.getpwuid(os.getuid())
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: entry)
    return entry


def test_an_ordinary_user_runs_it_as_themselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert identity(tmp_path / "postgres", PROGRAMS) == {}


@pytest.mark.usefixtures("as_root")
def test_root_runs_it_as_its_own_user_who_may_pass_through_but_not_look_around(
    server_dir: Path, somebody: pwd.struct_passwd
) -> None:
    closed = server_dir / "closed"
    closed.mkdir(mode=0o700)
    assert identity(closed / "postgres", PROGRAMS) == {
        "user": somebody.pw_uid,
        "group": somebody.pw_gid,
        "extra_groups": [],
    }
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701


@pytest.mark.usefixtures("as_root", "somebody")
def test_a_directory_that_stays_closed_is_one_sentence(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = server_dir / "closed"
    closed.mkdir(mode=0o700)

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(SystemUserError, match=r"run `chmod o\+x .*`, choose another DATA_DIR, or do not run"):
        identity(closed / "postgres", PROGRAMS)


@pytest.mark.usefixtures("as_root")
def test_a_machine_without_such_a_user_gets_one(server_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[str] = []

    def find(name: str) -> pwd.struct_passwd:
        if name not in known:
            raise KeyError(name)
        return pwd.getpwuid(os.getuid())

    def add(command: list[str], **_options: object) -> None:
        assert command[0] == "useradd"
        known.append(command[-1])

    monkeypatch.setattr(pwd, "getpwnam", find)
    monkeypatch.setattr(subprocess, "run", add)
    assert identity(server_dir / "postgres", PROGRAMS)["user"] == os.getuid()
    assert known == [system_user.NAME]


@pytest.mark.usefixtures("as_root")
def test_a_machine_that_cannot_have_such_a_user_is_one_sentence(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_user, "NAME", "no-such-user")
    monkeypatch.setenv("PATH", str(server_dir))
    with pytest.raises(SystemUserError, match="run this as an ordinary user, or set DATABASE_URL"):
        identity(server_dir / "postgres", PROGRAMS)


def test_programs_that_a_umask_closed_are_opened(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch, somebody: pwd.struct_passwd
) -> None:
    programs = server_dir / "install" / "bin"
    programs.mkdir(parents=True)
    program = programs / "postgres"
    program.write_text("#!/bin/sh\nexit 0\n")
    library = server_dir / "install" / "lib"
    library.write_text("")
    for path, mode in ((program, 0o700), (library, 0o600), (programs, 0o700)):
        path.chmod(mode)
    tries: list[bool] = []

    def can_run(_programs: Path, _who: object) -> bool:
        tries.append(bool(program.stat().st_mode & stat.S_IXOTH))
        return tries[-1]

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(system_user, "_can_run", can_run)
    assert identity(server_dir / "postgres", programs)["user"] == somebody.pw_uid
    assert tries == [False, True]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (program, library)] == [0o705, 0o604]


def test_programs_that_stay_closed_are_one_sentence(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch, somebody: pwd.struct_passwd
) -> None:
    (server_dir / "install" / "bin").mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(system_user, "_can_run", lambda _programs, _who: False)
    with pytest.raises(SystemUserError, match=f"the user {somebody.pw_name}, who cannot execute"):
        identity(server_dir / "postgres", server_dir / "install" / "bin")
