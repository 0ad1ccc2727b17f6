from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from backend.conversations.views import Sender
from bot.wechat.replies import reply_xml
from bot.wechat.xml_text import MAX_BYTES, clean, fit
from handlers.messages import IncomingMessage, Rendered

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MESSAGE = IncomingMessage(Sender("wechat", "oUser"), "1", "text", AT, text="你好")


def fields(xml: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}


def test_reply_goes_back_to_its_sender() -> None:
    written = datetime(2026, 3, 2, 9, 0, 7, tzinfo=UTC)
    found = fields(reply_xml("gh_1", MESSAGE, [Rendered(1, "您好，请说说发生了什么。", created_at=written)]))
    assert found == {
        "MsgType": "text",
        "FromUserName": "gh_1",
        "ToUserName": "oUser",
        "CreateTime": str(int(written.timestamp())),
        "Content": "您好，请说说发生了什么。",
    }


def test_repetition_is_the_same_bytes() -> None:
    says = [Rendered(1, "已登记", created_at=AT)]
    assert reply_xml("gh_1", MESSAGE, says) == reply_xml("gh_1", MESSAGE, list(says))


def test_several_messages_become_one_reply() -> None:
    assert (
        fields(reply_xml("gh_1", MESSAGE, [Rendered(1, "甲"), Rendered(2, ""), Rendered(3, "乙")]))["Content"]
        == "甲\n\n乙"
    )


def test_nothing_to_say() -> None:
    assert reply_xml("gh_1", MESSAGE, []) == ""
    assert reply_xml("gh_1", MESSAGE, [Rendered(1, "\x00\x08")]) == ""


def test_cdata_cannot_be_left() -> None:
    attack = "]]></Content><Content><![CDATA[假的"
    xml = reply_xml("gh_1", MESSAGE, [Rendered(1, attack)])
    assert fields(xml)["Content"] == attack
    assert len(ElementTree.fromstring(xml)) == 5


@given(st.text(max_size=3000))
def test_any_text_survives_as_far_as_xml_can_carry_it(text: str) -> None:
    xml = reply_xml("gh_1", MESSAGE, [Rendered(1, text)])
    if not clean(text):
        assert xml == ""
        return
    # An XML reader turns \r and \r\n into \n.
    expected = fit(clean(text)).replace("\r\n", "\n").replace("\r", "\n")
    assert fields(xml)["Content"] == expected
    assert len(expected.encode()) <= MAX_BYTES


@given(st.text(max_size=60), st.integers(min_value=3, max_value=40))
def test_cutting_keeps_whole_characters(text: str, max_bytes: int) -> None:
    cut = fit(text, max_bytes)
    assert len(cut.encode()) <= max_bytes
    assert cut == text or text.startswith(cut.removesuffix("…"))
