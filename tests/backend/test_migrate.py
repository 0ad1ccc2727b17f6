"""Migrations bring any database to what the code's tables say, also from several processes at once."""

from __future__ import annotations

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psycopg
import pytest
from alembic import command

from backend.cases.search import document, query
from backend.db.migrate import _config, _engine, differences, migrate
from backend.domain import phone_numbers


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


def document_before_cards(*texts: str) -> str:
    """What was written for the search of a case before cards were known: as it was told, but for phones."""
    plain = unicodedata.normalize("NFKC", "\n".join(texts)).lower()
    phones = [found[0] for found in phone_numbers.find(plain, 0, len(plain))]
    for phone in phones:
        plain = plain.replace(phone, "\n")
    runs = re.findall(r"[a-z0-9]+|[^\W_a-z0-9]+", plain)
    pairs = [pair for run in runs for pair in ([run] if run.isascii() else map("".join, pairwise(run)))]
    characters = [character for run in runs if not run.isascii() for character in run]
    return " ".join([*pairs, *characters, document("", phones=tuple(phones))])


@pytest.mark.parametrize(
    "story",
    [
        "身份证11010519491231002X，家住3栋",
        "身份证 110105 19491231 002x 被扣",
        "证件110105-1949-1231-002X和440524188001010014",
        "sfz440524188001010014，老证110105491231002",
        "３ ４４０５２４１８８００１０１００１４，3栋0014室",
        "3 110105 19491231 002x",
        "11010519491231002x440524188001010014",
        "110105 19491231 002X13812345678，打０５７１-87654321",
        "订单号202611210000123456，单号440524188013010014，4405241880010100145",
        "银行卡6222021234567890123，订单110105491331002，流水160105491231002",
        "单号000000000000000000和100000000000000，110105490100002，110105184912310020",
    ],
)
def test_cards_in_old_stories_are_found_only_whole(database_url: str, story: str) -> None:
    """What an older version wrote for its search becomes what this one writes; order numbers stay."""
    number, place, name = "FQ2026-000001", "昆区3栋", "李某440524188001010014"
    texts = (number, story, place, name)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into cases (id, number, reporter_id, conversation_id, category, summary, place, status,"
            " round, version, rules_version, search, created_at, updated_at)"
            " values (1, %s, 1, 1, 'property', %s, %s, 'received', 1, 1, 1, to_tsvector('simple', %s),"
            " now(), now())",
            (number, story, place, document_before_cards(*texts)),
        )
        connection.execute(
            "insert into case_parties (case_id, role, name, phone) values (1, 'other', %s, '')", (name,)
        )
    back_to(database_url, "0013")
    migrate(database_url)
    with psycopg.connect(database_url) as connection:
        written = "select tsvector_to_array(search), tsvector_to_array(to_tsvector('simple', %s)) from cases"
        row = connection.execute(written, (document(*texts),)).fetchone()
    assert row is not None and set(row[0]) == set(row[1])
    assert "440524188001010014" not in row[0]
