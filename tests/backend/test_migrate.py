"""Migrations bring any database to what the code's tables say, also from several processes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
from alembic import command

from backend.cases.search import query
from backend.db.migrate import _config, _engine, differences, migrate


def versions(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select * from alembic_version").fetchall()


def back_to(url: str, version: str) -> None:
    engine = _engine(url)
    with engine.begin() as connection:
        command.downgrade(_config(connection), version)
    engine.dispose()


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


def test_the_way_back_and_forth_again(database_url: str) -> None:
    back_to(database_url, "0008")
    migrate(database_url)
    assert differences(database_url) == []


def test_a_missing_column_is_noticed(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table units drop column name")
    assert "name" in str(differences(database_url))


def test_numbers_in_old_stories_are_found_only_whole(database_url: str) -> None:
    """What an older version wrote for its search is what this one writes."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into cases (number, reporter_id, conversation_id, category, summary, status, round,"
            " version, rules_version, search, created_at, updated_at)"
            " values ('FQ2026-000001', 1, 1, 'property', 'x', 'received', 1, 1, 1,"
            " to_tsvector('simple', '13812345678 057187654321 物业 12000'), now(), now())"
        )
    back_to(database_url, "0011")
    migrate(database_url)

    def finds(words: str) -> bool:
        with psycopg.connect(database_url) as connection:
            asked = "select search @@ to_tsquery('simple', %s) from cases"
            return connection.execute(asked, (query(words),)).fetchone() == (True,)

    assert finds("13812345678") and finds("0571 87654321") and finds("物业") and finds("12000")
    assert not finds("1381234") and not finds("13812345679") and not finds("05718")
