"""Saving and putting back: every row and file, and never over something that would be lost."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from backend.attachments.store import FileStore
from backend.data_dir import DataDirError, held
from backend.db.backup import IDS_SKIPPED, NUMBERS_SKIPPED, BackupError, main, restore, save
from backend.db.database import Database
from backend.db.embedded import EmbeddedPostgres
from backend.secret_key import secret_key
from backend.settings import Settings, load_settings
from bot.prepare import prepare

NOW = datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC)
PHOTO = "照片".encode() * 1000


def settings_for(data_dir: Path, **fields: object) -> Settings:
    data_dir.mkdir(exist_ok=True)
    return load_settings(_env_file=None, data_dir=data_dir, database_url="", secret_key=None, **fields)


@pytest.fixture
def full(server_dir: Path) -> Iterator[Settings]:
    """An installation in use: rules, an administrator, a job that waits, a photo."""
    settings = settings_for(server_dir / "full", admin_password="correct horse battery")
    with EmbeddedPostgres(settings.data_dir) as url:
        asyncio.run(_fill(url, settings))
        yield settings


async def _fill(url: str, settings: Settings) -> None:
    await prepare(url, settings)
    database = Database(url)
    async with database.work() as work:
        await work.defer("deliver", lock="conversation:7", outgoing_id=7)
        await work.commit()
    await database.close()
    await FileStore(settings.data_dir / "attachments").put(PHOTO)
    secret_key(settings)


def contents(data_dir: Path) -> dict[str, str]:
    """Every table and sequence as text, every file as bytes."""
    found: dict[str, str] = {}
    with EmbeddedPostgres(data_dir) as url, psycopg.connect(url) as connection:
        relations = connection.execute(
            "select relname, case relkind when 'S' then 'last_value' else '*' end from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')"
        ).fetchall()
        for name, columns in relations:
            query = sql.SQL("select {} from {}").format(sql.SQL(columns), sql.Identifier(name))
            found[name] = repr(sorted(map(repr, connection.execute(query).fetchall())))
    for path in [data_dir / "secret_key", *(data_dir / "attachments").rglob("*")]:
        if path.is_file():
            found[str(path.relative_to(data_dir))] = path.read_bytes().hex()
    return found


def but_sequences(found: dict[str, str]) -> dict[str, str]:
    return {name: content for name, content in found.items() if not name.endswith("_seq")}


def sequences(data_dir: Path) -> dict[str, int]:
    with EmbeddedPostgres(data_dir) as url, psycopg.connect(url) as connection:
        query = "select sequencename::text, coalesce(last_value, 0) from pg_sequences"
        return dict(connection.execute(query).fetchall())


def give_numbers(data_dir: Path, count: int) -> None:
    """So many cases are registered."""
    with EmbeddedPostgres(data_dir) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select nextval('case_number_seq') from generate_series(1, %s)", (count,))


def test_no_number_is_given_to_somebody_else_after_a_restore(full: Settings, server_dir: Path) -> None:
    """Twice the same backup: what was given out after the first restore is not given out again either."""
    give_numbers(full.data_dir, 5)
    backup = save(full, NOW)
    give_numbers(full.data_dir, 30)
    lost = sequences(full.data_dir)
    assert lost["case_number_seq"] == 35
    restore(full, backup, force=True)
    first = sequences(full.data_dir)
    assert first["case_number_seq"] == 35 + NUMBERS_SKIPPED
    assert {name for name in lost if first[name] < lost[name] + NUMBERS_SKIPPED} == set()
    assert first["cases_id_seq"] >= IDS_SKIPPED, "a signed link of a lost case opens nobody else's"
    give_numbers(full.data_dir, 7)
    restore(full, backup, force=True)
    assert sequences(full.data_dir)["case_number_seq"] == 35 + 7 + 2 * NUMBERS_SKIPPED
    elsewhere = settings_for(server_dir / "elsewhere")
    restore(elsewhere, backup)
    assert sequences(elsewhere.data_dir)["case_number_seq"] == 5 + NUMBERS_SKIPPED


def test_what_was_saved_while_running_is_put_back_elsewhere(full: Settings, server_dir: Path) -> None:
    before = contents(full.data_dir)
    assert "correct horse battery" not in before["staff"]
    assert "argon2" in before["staff"]
    assert "outgoing_id" in before["procrastinate_jobs"]
    backup = save(full, NOW)
    assert backup == full.data_dir / "backups" / "20261121T040506Z.tar"
    assert backup.stat().st_mode & 0o077 == 0
    assert list(backup.parent.iterdir()) == [backup]

    other = settings_for(server_dir / "other")
    restore(other, backup)
    assert but_sequences(contents(other.data_dir)) == but_sequences(before)
    assert not EmbeddedPostgres(other.data_dir).is_alive()

    # A restored installation is as good as the first: it saves, and goes over itself when told so.
    again = save(other, NOW)
    with pytest.raises(BackupError, match="FORCE=1"):
        restore(other, again)
    restore(other, again, force=True)
    assert but_sequences(contents(other.data_dir)) == but_sequences(before)


def test_it_refuses_a_running_installation(full: Settings) -> None:
    backup = save(full, NOW)
    with held(full.data_dir), pytest.raises(DataDirError, match="stop it first"):
        restore(full, backup, force=True)
    refused = pytest.raises(BackupError, match=r"in use \(1 connections\): stop everything first")
    with EmbeddedPostgres(full.data_dir) as url, psycopg.connect(url), refused:
        restore(full, backup, force=True)


def test_what_is_no_backup_changes_nothing(full: Settings, server_dir: Path) -> None:
    before = contents(full.data_dir)
    backup = save(full, NOW)
    with pytest.raises(BackupError, match="There is no backup at"):
        restore(full, server_dir / "nothing.tar")
    broken = server_dir / "broken.tar"
    broken.write_bytes(backup.read_bytes()[:2000])
    with pytest.raises(BackupError, match="not a complete backup"):
        restore(full, broken, force=True)
    with tarfile.open(backup) as archive:
        archive.extractall(server_dir / "parts")
    (server_dir / "parts" / "manifest.json").write_text('{"format": 99}')
    assert contents(full.data_dir) == before
    with pytest.raises(BackupError, match="made by another version"):
        restore(full, _packed(server_dir / "parts"), force=True)
    (server_dir / "parts" / "manifest.json").write_text('{"format": 1}')
    dump = server_dir / "parts" / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-20_000])
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(full, _packed(server_dir / "parts"), force=True)
    assert contents(full.data_dir) == before


def _packed(directory: Path) -> Path:
    target = directory.with_suffix(".tar")
    with tarfile.open(target, "w") as archive:
        for path in directory.iterdir():
            archive.add(path, path.name)
    return target


def test_the_commands_say_what_they_did(
    full: Settings, server_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(server_dir)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(full.data_dir))
    assert main(["save"]) == 0
    backup = capsys.readouterr().out.removeprefix("Saved: ").strip()
    monkeypatch.setenv("DATA_DIR", str(server_dir / "other"))
    assert main(["restore", "--", backup]) == 0
    assert capsys.readouterr().out == f"Restored: {backup}\n"
    assert main(["restore", "--", ""]) == 1
    assert "There is no backup at" in capsys.readouterr().err
    assert but_sequences(contents(server_dir / "other")) == but_sequences(contents(full.data_dir))


def test_a_database_elsewhere_is_saved_and_put_back(
    database_url: str, empty_database_url: str, server_dir: Path
) -> None:
    source = load_settings(_env_file=None, data_dir=server_dir / "a", database_url=database_url)
    backup = save(source, NOW)
    target = load_settings(_env_file=None, data_dir=server_dir / "b", database_url=empty_database_url)
    restore(target, backup)
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select count(*) from units").fetchone() == (7,)
