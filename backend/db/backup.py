"""Save database and attachments to one file and put them back: `python -m backend.db.backup save|restore`."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import psycopg
from psycopg.conninfo import conninfo_to_dict

from backend.data_dir import DataDirError, held
from backend.db.embedded import EmbeddedError, EmbeddedPostgres, binary
from backend.settings import Settings, SettingsError, load_settings

FORMAT = 1
_KEPT = ("attachments", "secret_key")
"""What lies beside the database; the key keeps the links that residents were sent working."""
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_EMPTY_SCHEMA = """\
drop schema public cascade;
create schema public;
alter schema public owner to pg_database_owner;
grant usage on schema public to public;
"""
"""As in a new database: a dump leaves out a schema that looks like this."""

_NUMBERS = "case_number_seq"
NUMBERS_SKIPPED, IDS_SKIPPED = 1_000, 1_000_000
"""How far a restore moves the case numbers, and all ids, beyond the last one that is known here.

What was given out after the backup, a number on a slip of paper, an id in a signed link or in an open page,
must never come to mean somebody else's.
"""
_SKIP = """\
select setval(
    format('%I.%I', schemaname, sequencename)::regclass,
    least(
        greatest(coalesce(s.last_value, 0), coalesce(used.last_value, 0))
            + case sequencename when '{numbers}' then {numbers_skipped} else {ids_skipped} end,
        s.max_value
    )
)
from pg_sequences s left join (values {used}) used (name, last_value) on used.name = s.sequencename
where schemaname = 'public';
"""


class BackupError(Exception):
    """Nothing was saved or put back; the message is one sentence that says what to do."""


def save(settings: Settings, now: datetime) -> Path:
    """Write `DATA_DIR/backups/<time>.tar` while everything runs; readable by its owner only.

    The files are taken after the dump: a file is stored before its row, so none that a row names is missing.
    """
    backups = settings.data_dir / "backups"
    backups.mkdir(parents=True, exist_ok=True)
    target = backups / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
    with _database(settings) as url, tempfile.TemporaryDirectory(dir=backups) as directory:
        parts = Path(directory)
        _run(settings, url, "pg_dump", "--format=custom", "--no-owner", f"--file={parts / 'database.dump'}")
        manifest = {"format": FORMAT, "created_at": now.astimezone(UTC).isoformat()}
        (parts / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        unfinished = parts / "unfinished.tar"
        with tarfile.open(unfinished, "w") as archive:
            archive.add(parts / "manifest.json", "manifest.json")
            archive.add(parts / "database.dump", "database.dump")
            for name in _KEPT:
                if (settings.data_dir / name).exists():
                    archive.add(settings.data_dir / name, name)
        unfinished.chmod(0o600)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(target)
    return target


def restore(settings: Settings, backup: Path, *, force: bool = False) -> None:
    """Put a backup back where nothing runs and nothing is yet; `force` replaces what is there.

    Raises:
        BackupError: the file is no backup, or there is something that would be lost or confused. The
            database changes in one transaction, so it is as before then.

    Case numbers and ids go on far enough behind the backup's and those of what is replaced.

    """
    if not backup.is_file():
        raise BackupError(f"There is no backup at {backup}: give its path as FILE=.")
    with held(settings.data_dir), _database(settings) as url:
        _refuse_what_would_be_lost(settings, url, force=force)
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as directory:
            parts = Path(directory)
            _unpack(backup, parts)
            (parts / "empty.sql").write_text(_EMPTY_SCHEMA, encoding="ascii")
            dump, script = parts / "database.dump", parts / "database.sql"
            _run(settings, url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
            (parts / "skip.sql").write_text(_skip(url), encoding="ascii")
            files = [f"--file={parts / 'empty.sql'}", f"--file={script}", f"--file={parts / 'skip.sql'}"]
            options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
            _run(settings, url, "psql", *options, *files)
            for name in _KEPT:
                _replace(settings.data_dir / name, parts / name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("analyze")


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url:
        yield settings.database_url
    else:
        with EmbeddedPostgres(settings.data_dir) as url:
            yield url


def _refuse_what_would_be_lost(settings: Settings, url: str, *, force: bool) -> None:
    with psycopg.connect(url) as connection:
        others = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and backend_type = 'client backend'"
        ).fetchone()
        tables = connection.execute("select 1 from pg_tables where schemaname = 'public' limit 1").fetchone()
    if others and others[0]:
        raise BackupError(f"The database is in use ({others[0]} connections): stop everything first.")
    files = settings.data_dir / "attachments"
    if not force and (tables or (files.is_dir() and any(files.iterdir()))):
        raise BackupError("There are data already: restore with FORCE=1 to replace all of them.")


def _skip(url: str) -> str:
    """The statement that moves all sequences ahead, as far as this database has used them."""
    with psycopg.connect(url) as connection:
        used = connection.execute(
            "select sequencename::text, last_value from pg_sequences where schemaname = 'public'"
        ).fetchall()
    values = [f"('{name}', {last or 0})" for name, last in used if re.fullmatch("[a-z0-9_]+", name)]
    return _SKIP.format(
        numbers=_NUMBERS,
        numbers_skipped=NUMBERS_SKIPPED,
        ids_skipped=IDS_SKIPPED,
        used=", ".join(values) or "('', 0)",
    )


def _unpack(backup: Path, directory: Path) -> None:
    try:
        with tarfile.open(backup) as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                content = archive.extractfile(member) if member.isfile() else None
                if content is None or path.is_absolute() or ".." in path.parts:
                    continue
                target = directory / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch(mode=0o600, exist_ok=False)
                with target.open("wb") as file:
                    shutil.copyfileobj(content, file)
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{backup} is not a complete backup made by `make backup`.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{backup} was made by another version: restore it with that one.")


def _replace(old: Path, new: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    if new.exists():
        new.rename(old)


def _run(settings: Settings, url: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the address goes by environment, where no process list shows it."""
    address = {_VARIABLES[k]: str(v) for k, v in conninfo_to_dict(url).items() if k in _VARIABLES and v}
    result = subprocess.run(
        [_program(settings, url, program), *arguments],
        env={**os.environ, **address},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[0]
        raise BackupError(f"{program} failed: {reason}")


def _program(settings: Settings, url: str, program: str) -> str:
    """The wheel's, unless the server is elsewhere and the machine's own is new enough for it.

    The wheel's programs speak no TLS; the machine's may be older than the server, which they refuse.
    """
    found = shutil.which(program) if settings.database_url else None
    if found:
        with psycopg.connect(url) as connection:
            server = connection.info.server_version // 10_000
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if (major := re.search(r"\d+", version)) and int(major[0]) >= server:
            return found
    return str(binary(program))


def main(arguments: list[str]) -> int:
    """Do what the command line says; 1 after one sentence when that is impossible."""
    parser = argparse.ArgumentParser(prog="python -m backend.db.backup")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("save")
    putting_back = commands.add_parser("restore")
    putting_back.add_argument("--force", action="store_true")
    putting_back.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        if options.command == "save":
            print(f"Saved: {save(settings, datetime.now(UTC))}")  # noqa: T201
        else:
            restore(settings, options.file, force=options.force)
            print(f"Restored: {options.file}")  # noqa: T201
    except (BackupError, DataDirError, EmbeddedError, SettingsError, psycopg.OperationalError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
