"""Words for codes and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import CheckConstraint

from backend.conversations.tables import OutgoingRow
from backend.domain.deadlines import PLAIN_CALENDAR
from backend.domain.errors import CaseError
from backend.workbench import wording
from backend.workbench.rendering import ago, due_words, moment
from dialogs.interrupts import COMMANDS
from dialogs.words import vocabulary

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "不到1分钟"),
        (timedelta(minutes=1), "1分钟"),
        (timedelta(minutes=59), "59分钟"),
        (timedelta(hours=1), "1小时"),
        (timedelta(hours=47), "1天"),
    ],
)
def test_ago(span: timedelta, words: str) -> None:
    assert ago(NOW - span, NOW) == words


def test_times_are_shanghais() -> None:
    assert moment(NOW) == "2025-09-01 10:00"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (NOW + timedelta(hours=1), "今天到期"),
        (NOW + timedelta(days=1), "剩1个工作日"),
        (NOW + timedelta(days=7), "剩5个工作日"),
        (NOW - timedelta(hours=1), "今天已超期"),
        (NOW - timedelta(days=3), "超期1个工作日"),
    ],
)
def test_deadlines_in_working_days(due: datetime, words: str) -> None:
    assert due_words(due, NOW, PLAIN_CALENDAR) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("wechat_43004_not_following", "居民没有关注公众号"),
        ("wechat_unreachable", "网络不通"),
        ("interrupted", "发送时中断"),
        ("something_new", "something_new"),
        ("", ""),
    ],
)
def test_reasons(code: str, words: str) -> None:
    assert wording.reason(code) == words


def test_alerts() -> None:
    assert wording.alert_code("rating:1") == "评分 1 分"
    assert wording.alert_code("rating:x") == "rating:x"
    assert wording.alert_code("violence") == "暴力"
    assert wording.alert_code("survey") == "满意度调查"


def test_every_error_has_words() -> None:
    for kind in CaseError.__subclasses__():
        facts = {"status": "received", "action": "resolve", "field": "text"}
        assert wording.error_words(kind(**facts))


def test_every_word_that_can_be_clicked_is_shown_as_that_word() -> None:
    assert wording.CLICKS.keys() == COMMANDS
    spoken = vocabulary()["commands"]
    assert [code for code in COMMANDS & spoken.keys() if wording.CLICKS[code] not in spoken[code]] == []


def test_every_state_of_a_message_has_a_word() -> None:
    found = OutgoingRow.metadata.tables["outgoing_messages"].constraints
    checks = " ".join(str(check.sqltext) for check in found if isinstance(check, CheckConstraint))
    for state in wording.OUTGOING_STATES:
        assert f"'{state}'" in checks
    assert checks.count("'") == 2 * len(wording.OUTGOING_STATES)


async def test_a_mistake_of_ours_is_said_without_its_text(
    staff_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("王秀英的电话")

    monkeypatch.setattr("backend.workbench.doorway.find_session", broken)
    monkeypatch.setattr("backend.api.security.find_session", broken)
    transport = httpx.ASGITransport(staff_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://staff.test") as client:
        page = await client.get("/", headers={"Cookie": "fengqiao=x"})
        assert (page.status_code, "系统出了差错" in page.text) == (500, True)
        data = await client.get("/api/units", headers={"Authorization": "Bearer x"})
        assert (data.status_code, data.json()["error"]) == (500, "internal")
        assert "王秀英" not in page.text + data.text
