"""Migrations bring any database to what the code's tables say, also from several processes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg

from backend.db.migrate import differences, migrate


def versions(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select * from alembic_version").fetchall()


def test_an_empty_database_gets_what_the_code_expects(empty_database_url: str) -> None:
    migrate(empty_database_url)
    assert differences(empty_database_url) == []
    assert len(versions(empty_database_url)) == 1


def test_two_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate, [empty_database_url] * 2))
    assert differences(empty_database_url) == []


def test_a_database_that_is_up_to_date_stays_as_it_is(database_url: str) -> None:
    before = versions(database_url)
    migrate(database_url)
    assert versions(database_url) == before
    assert differences(database_url) == []


def test_a_missing_column_is_noticed(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table units drop column name")
    assert "name" in str(differences(database_url))
