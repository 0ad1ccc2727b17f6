"""Log lines: JSON with ids, and never a word of what residents wrote."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import psycopg
import pytest

from backend.logs import configure_logging

SECRET = "王小明 13800001111"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    configure_logging("tests")
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def read(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_names_time_service_and_ids(lines: io.StringIO) -> None:
    logging.getLogger("handlers.deliver").info("gave up 发送", extra={"outgoing_id": 7})
    line = read(lines)
    assert str(line.pop("at")).endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "handlers.deliver",
        "message": "gave up 发送",
        "service": "tests",
        "outgoing_id": 7,
    }


def test_a_failure_is_its_kind_and_place_without_its_words(lines: io.StringIO) -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise psycopg.errors.UniqueViolation(SECRET) from error
    except psycopg.Error:
        logging.getLogger("x").exception("could not keep it")
    text = str(read(lines)["exc_info"])
    assert "UniqueViolation [23505]" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py:" in text
    assert SECRET not in lines.getvalue()


def test_libraries_do_not_log_addresses(lines: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://example.invalid/?secret=1")
    logging.getLogger("uvicorn.access").warning("GET /s/token")
    assert lines.getvalue() == ""
