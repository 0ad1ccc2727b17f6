"""The embedded PostgreSQL: what was acknowledged survives kills, stale files and killed parents."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from backend.db import embedded
from backend.db.embedded import EmbeddedError, EmbeddedPostgres, binary
from backend.db.system_user import identity


@pytest.fixture
def server(server_dir: Path) -> Iterator[EmbeddedPostgres]:
    started = EmbeddedPostgres(server_dir)
    started.start()
    yield started
    started.stop()


def ask(server: EmbeddedPostgres, sql: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.cluster / "postmaster.pid").read_text().split()[0]))


def test_rows_survive_a_clean_stop(server: EmbeddedPostgres) -> None:
    ask(server, "create table kept as select 1 as id")
    server.stop()
    assert not server.is_alive()
    server.start()
    assert ask(server, "select id from kept") == 1


def test_it_is_durable_private_and_quiet_about_what_residents_wrote(server: EmbeddedPostgres) -> None:
    assert ask(server, "show fsync") == "on"
    assert ask(server, "show full_page_writes") == "on"
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show server_encoding") == "UTF8"
    assert server.cluster.stat().st_mode & 0o077 == 0
    with psycopg.connect(server.url) as connection:
        connection.execute("create table people (name text check (name <> '王小明'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into people values ('王小明')")
    logs = list((server.cluster / "log").iterdir())
    assert logs
    text = "".join(log.read_text() for log in logs)
    assert "violates check constraint" in text
    assert "王小明" not in text


def test_the_last_of_two_users_stops_it(server: EmbeddedPostgres, server_dir: Path) -> None:
    second = EmbeddedPostgres(server_dir)
    second.start()
    server.stop()
    assert second.is_alive()
    second.stop()
    assert not second.is_alive()


def test_acknowledged_rows_survive_a_killed_postmaster(server: EmbeddedPostgres) -> None:
    ask(server, "create table kept (id int)")
    for number in range(3):
        connection = psycopg.connect(server.url, autocommit=True)
        connection.execute("insert into kept select generate_series(1, 1000)")
        postmaster(server).kill()
        assert server.start() == server.url
        assert ask(server, "select count(*) from kept") == 1000 * (number + 1)
        connection.close()


def test_a_killed_backend_takes_nothing_with_it(server: EmbeddedPostgres) -> None:
    ask(server, "create table kept as select 1 as id")
    with psycopg.connect(server.url) as connection, psycopg.connect(server.url) as other:
        before = postmaster(server).pid
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        # The server ends all its other backends as soon as it has noticed.
        with pytest.raises(psycopg.OperationalError):
            while True:
                other.execute("select 1")
        deadline = time.monotonic() + 20
        while not server.is_alive():
            assert time.monotonic() < deadline
            server.start()
    assert postmaster(server).pid == before
    assert ask(server, "select id from kept") == 1


def test_the_number_of_a_dead_server_may_belong_to_another_program(server: EmbeddedPostgres) -> None:
    who = identity(server.cluster, binary("postgres").parent)
    stale = (server.cluster / "postmaster.pid").read_text()
    postmaster(server).kill()
    with subprocess.Popen(["sleep", "60"], **who) as other:
        pid_file = server.cluster / "postmaster.pid"
        pid_file.write_text(stale.replace(stale.split()[0], str(other.pid), 1))
        try:
            server.start()
            assert ask(server, "select 1") == 1
            assert other.poll() is None, "the other program was harmed"
        finally:
            other.kill()


def test_it_outlives_a_killed_parent_and_the_next_start_joins_it(server_dir: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from backend.db.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); print('started', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(server_dir)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
    server = EmbeddedPostgres(server_dir)
    assert server.is_alive()
    before = postmaster(server).pid
    server.start()
    assert postmaster(server).pid == before
    server.stop()
    assert not server.is_alive()


def test_an_interrupted_first_start_is_repeated(server_dir: Path) -> None:
    unfinished = server_dir / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(server_dir) as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_gets_a_private_place_for_it(server_dir: Path) -> None:
    server = EmbeddedPostgres(server_dir / ("很长的目录名" * 8))
    with server as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        assert server.socket_dir.stat().st_mode & 0o077 == 0
    server.socket_dir.rmdir()


def test_an_unusable_place_is_one_sentence(server_dir: Path) -> None:
    (server_dir / "file").write_text("")
    with pytest.raises(EmbeddedError, match="choose another DATA_DIR"):
        EmbeddedPostgres(server_dir / "file").start()


def test_a_server_that_never_answers_is_one_sentence(
    server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(server_dir)
    with server:
        pass
    (server.cluster / "global" / "pg_control").rename(server.cluster / "global" / "gone")
    monkeypatch.setattr(embedded, "START_SECONDS", 1.0)
    with pytest.raises(EmbeddedError, match=r"did not answer within 1 s; the reason is in .*start\.log"):
        server.start()
    assert "pg_control" in (server.cluster / "start.log").read_text()


def test_stopping_twice_or_unstarted_does_nothing(server_dir: Path) -> None:
    server = EmbeddedPostgres(server_dir)
    server.stop()
    server.start()
    server.stop()
    server.stop()
    assert not server.is_alive()
