"""Who the embedded PostgreSQL runs as when we are root, which it refuses to be."""

from __future__ import annotations

import logging
import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import TypedDict

logger = logging.getLogger(__name__)

NAME = "fengqiao-db"


class Identity(TypedDict, total=False):
    """Arguments of `subprocess.run`; empty = as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class SystemUserError(Exception):
    """Root cannot run the server as somebody else; the message is one sentence that says what to do."""


def identity(cluster: Path, programs: Path) -> Identity:
    """Return who may run `programs` on the directory `cluster` (which may not exist yet), able to reach both.

    Raises:
        SystemUserError: there is no such user, or a directory on the way is closed to it.

    """
    if os.geteuid() != 0:
        return {}
    owner = cluster.stat().st_uid if cluster.exists() else 0
    try:
        entry = pwd.getpwuid(owner) if owner else _own_user()
    except KeyError:
        return {"user": owner, "group": owner, "extra_groups": []}
    who: Identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    for path in (cluster, programs / "postgres"):
        _open_way(path)
    if not _can_run(programs, who):
        _open_tree(programs.parent)
        if not _can_run(programs, who):
            raise SystemUserError(
                f"As root, PostgreSQL runs as the user {entry.pw_name}, who cannot execute {programs}:"
                " put the project where that user can read it, or do not run it as root."
            )
    return who


def _own_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            NAME,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise SystemUserError(
                f"PostgreSQL does not run as root and the user {NAME} could not be added:"
                " run this as an ordinary user, or set DATABASE_URL."
            ) from None
        return pwd.getpwnam(NAME)


def _open_way(path: Path) -> None:
    """Let others pass through (not list) the directories above `path`."""
    for parent in path.parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if mode & stat.S_IXOTH:
            continue
        try:
            parent.chmod(mode | stat.S_IXOTH)
        except OSError:
            raise SystemUserError(
                f"As root, PostgreSQL runs as the user {NAME}, who must be able to pass through {parent}:"
                f" run `chmod o+x {parent}`, choose another DATA_DIR, or do not run it as root."
            ) from None
        logger.warning("opened a directory for the database's user to pass through: %s", parent)


def _can_run(programs: Path, who: Identity) -> bool:
    command = [str(programs / "postgres"), "--version"]
    try:
        return not subprocess.run(command, check=False, capture_output=True, cwd="/", **who).returncode
    except OSError:
        return False


def _open_tree(directory: Path) -> None:
    """Undo a umask that closed the installed programs to everybody else."""
    for path in (directory, *directory.rglob("*")):
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
