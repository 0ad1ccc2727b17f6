"""What an integrator may post, and what it is told when it is wrong."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bot.webhook.events import TYPES, Malformed, message_of, parse

AT = "2026-11-23T10:00:00+08:00"


def event(kind: str = "text", **data: Any) -> dict[str, Any]:
    return {"type": f"resident.{kind}", "timestamp": AT, "data": {"user": "caller-1"} | data}


def problems(said: Any) -> dict[str, str]:
    with pytest.raises(Malformed) as raised:
        parse(said if isinstance(said, bytes) else json.dumps(said).encode())
    return dict(raised.value.problems)


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_each_kind_is_a_message_of_ours() -> None:
    said = [
        event(text="楼上漏水"),
        event("choice", message=7, choice="yes"),
        event("files", files=[{"content": encoded(b"%PDF-1.7\n"), "name": "合同.pdf"}], text="合同"),
        event("location", latitude=28.1, longitude=112.9, label="菜市场"),
        event("contact", phone="+86 138 0000 0000", name="王芳", own=True),
        event("edited", edits="act_1", text="楼下漏水"),
        event("opened", region="chaoyang"),
        event("returned"),
    ]
    assert [one["type"] for one in said] == list(TYPES)
    heard = [message_of(parse(json.dumps(one).encode()), "act_2") for one in said]
    assert [one.kind if one else None for one in heard] == [
        *("text", "choice", "file", "location", "contact", "edit", "open"),
        None,
    ]
    assert {one.at.isoformat() for one in heard if one} == {"2026-11-23T02:00:00+00:00"}
    assert {(one.sender.channel, one.sender.user_id, one.message_id) for one in heard if one} == {
        ("webhook", "caller-1", "act_2")
    }


@pytest.mark.parametrize(
    ("said", "where", "what"),
    [
        (b"", "", "JSON"),
        (b"\xff\xfe", "", "JSON"),
        (b"[" * 100_000, "", "JSON"),
        ([], "", "object"),
        ({}, "", "resident.text"),
        ({"type": "message.created", "timestamp": AT, "data": {}}, "", "resident.text"),
        (event(text=""), "data.text", "empty"),
        (event(text=" \n\0"), "data.text", "empty"),
        (event(text="x" * 4001), "data.text", "4000"),
        (event(), "data.text", "missing"),
        (event(text="x", user=""), "data.user", "least 1"),
        (event(text="x", user="王芳"), "data.user", "pattern"),
        (event(text="x", url="https://example.test/a.jpg"), "data.url", "not known"),
        (event(text="x") | {"timestamp": "2026-11-23T10:00:00"}, "timestamp", "timezone"),
        (event("choice", message=0, choice="yes"), "data.message", "greater"),
        (event("files", files=[]), "data.files", "least 1"),
        (event("files", files=[{"content": "QQ=="}] * 10), "data.files", "most 9"),
        (event("files", files=[{"content": ""}]), "data.files.0.content", "least 1"),
        (event("files", files=[{"content": "https://x.test/a.jpg"}]), "data.files.0.content", "not fetched"),
        (event("files", files=[{"url": "https://x.test/a.jpg"}]), "data.files.0.url", "not known"),
        (event("location", latitude=91, longitude=0), "data.latitude", "90"),
        (event("contact", phone="call me"), "data.phone", "pattern"),
        (event("edited", edits="a b", text="x"), "data.edits", "pattern"),
        (event("opened", region="朝阳"), "data.region", "pattern"),
    ],
    ids=str,
)
def test_a_mistake_is_named(said: Any, where: str, what: str) -> None:
    found = problems(said)
    assert what in found[where]


def test_a_mistake_quotes_nothing_that_was_said() -> None:
    found = problems(event(text=["王芳 13800000000"], extra="13800000000"))
    assert found and "138" not in str(found)
