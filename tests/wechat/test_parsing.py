from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.conversations.views import Sender
from bot.wechat.news import Consented, Left, News, Reported
from bot.wechat.parsing import Malformed, Unreadable, parse
from dialogs.messages import Location
from handlers.messages import IncomingAttachment, IncomingMessage
from tests.wechat.conftest import payload

OPENID = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"
SENDER = Sender("wechat", OPENID)
AT = datetime.fromtimestamp(1763700000, UTC)
ID = "23456789012345678"

EXPECTED = {
    "text": IncomingMessage(SENDER, ID, "text", AT, text="物业费突然涨到2块8 谁同意的"),
    "text_new": IncomingMessage(SENDER, ID, "text", AT, text="楼上漏水 🙏"),
    "text_menu_click": IncomingMessage(SENDER, ID, "choice", AT, text="满意", prompt_id=41, choice_place=4),
    "sticker": IncomingMessage(SENDER, ID, "sticker", AT),
    "sticker_english": IncomingMessage(SENDER, ID, "sticker", AT),
    "image": IncomingMessage(
        SENDER,
        ID,
        "image",
        AT,
        attachments=(IncomingAttachment("image", remote_id="8aVzTmXQbN0cVbSg2Yk-Pz9wq1pX"),),
    ),
    "voice": IncomingMessage(
        SENDER, ID, "voice", AT, attachments=(IncomingAttachment("voice", remote_id="voice-media-id"),)
    ),
    "video": IncomingMessage(
        SENDER, ID, "video", AT, attachments=(IncomingAttachment("video", remote_id="video-media-id"),)
    ),
    "shortvideo": IncomingMessage(
        SENDER, ID, "video", AT, attachments=(IncomingAttachment("video", remote_id="short-media-id"),)
    ),
    "location": IncomingMessage(
        SENDER, ID, "location", AT, location=Location(40.819298, 111.660351, "呼和浩特市新城区某小区8号楼")
    ),
    "link": IncomingMessage(
        SENDER, ID, "text", AT, text="小区公告\n关于物业费的说明\nhttps://example.com/a?b=1"
    ),
    "file": IncomingMessage(SENDER, ID, "sticker", AT),
    "subscribe": IncomingMessage(SENDER, f"{OPENID}1763700000subscribe", "subscribe", AT),
    "subscribe_scene": IncomingMessage(
        SENDER, f"{OPENID}1763700000subscribe_scanxincheng-07", "subscribe", AT, scene="xincheng-07"
    ),
    "scan": IncomingMessage(SENDER, f"{OPENID}1763700000SCANxincheng-07", "open", AT, scene="xincheng-07"),
    "click": IncomingMessage(SENDER, f"{OPENID}1763700000CLICKprogress", "choice", AT, choice="progress"),
    "unsubscribe": None,
    "view": None,
    "location_report": None,
    "template_finished": None,
}


TEMPLATE, OTHER = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI"

NEWS: dict[str, tuple[News, ...]] = {
    "unsubscribe": (Left(SENDER, AT),),
    "template_finished": (Reported(SENDER, "200163836", ""),),
    "template_blocked": (Reported(SENDER, "200163837", "user_block"),),
    "template_failed": (Reported(SENDER, "200163838", "system_failed"),),
    "consent_popup": (Consented(SENDER, AT, (TEMPLATE,), (OTHER,)),),
    "consent_changed": (Consented(SENDER, AT, (), (TEMPLATE,)),),
    "notice_sent": (Reported(SENDER, TEMPLATE, ""),),
    "notice_failed": (Reported(SENDER, TEMPLATE, "43101"),),
}


@pytest.mark.parametrize("name", sorted({*EXPECTED, *NEWS}))
def test_payload(name: str) -> None:
    received = parse(payload(name))
    assert received.account == "gh_0123456789ab"
    assert received.message == EXPECTED.get(name)
    assert received.news == NEWS.get(name, ())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("template_blocked", "<MsgID>200163837</MsgID>", ""),
        ("template_blocked", "200163837", "two words"),
        ("consent_popup", "<List>", "<Row>"),
        ("consent_changed", "reject", "perhaps"),
        ("consent_changed", f"<![CDATA[{TEMPLATE}]]>", "<a>b</a>"),
        ("consent_changed", "SubscribeMsgChangeEvent", "Something"),
        ("notice_failed", TEMPLATE, ""),
    ],
)
def test_events_without_what_they_are_about_say_nothing(name: str, old: str, new: str) -> None:
    xml = payload(name).replace(old, new).replace("</List>", "</Row>" if new == "<Row>" else "</List>")
    assert xml != payload(name)
    assert parse(xml).news == ()


@pytest.mark.parametrize(
    ("status", "lost"), [("", "unknown"), ("failed:freq limit", "freq_limit"), ("x" * 90, "x" * 40)]
)
def test_a_status_that_is_new(status: str, lost: str) -> None:
    xml = payload("template_blocked").replace("failed:user block", status)
    assert parse(xml).news == (Reported(SENDER, "200163837", lost),)


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "hello",
        "<xml/>",
        "<xml>words</xml>",
        "<html><body/></html>",
        "<xml><MsgType>text</MsgType></xml>",
        payload("text").replace("gh_0123456789ab", ""),
        payload("text").replace(OPENID, "o]]><x>"),
        payload("text").replace(OPENID, "o" * 129),
        payload("text").replace("<MsgType><![CDATA[text]]></MsgType>", "<MsgType><a>text</a></MsgType>"),
        payload("text").replace("</xml>", ""),
        '<!DOCTYPE x [<!ENTITY a "aa">]>' + payload("text"),
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + payload("text").replace("23456", "&a;"),
    ],
)
def test_what_wechat_cannot_have_sent(xml: str) -> None:
    with pytest.raises(Malformed):
        parse(xml)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("text", f"<MsgId>{ID}</MsgId>", ""),
        ("text", ID, "twelve"),
        ("text", ID, "9" * 5000),
        ("text", f"<MsgId>{ID}</MsgId>", f"<MsgId>{ID}</MsgId><MsgId>1</MsgId>"),
        ("text", "Content>", "Words>"),
        ("text", "1763700000", "now"),
        ("text", "1763700000", "99999999999999999999"),
        ("image", "MediaId>", "Media>"),
        ("voice", "voice-media-id", "v" * 513),
        ("location", "40.819298", "north"),
        ("location", "40.819298", "nan"),
        ("location", "40.819298", "91"),
        ("location", "111.660351", "inf"),
        ("location", "Location_Y>", "Location_Z>"),
        ("link", "<Url>", "<Uri>"),
        ("click", "<![CDATA[progress]]>", ""),
        ("subscribe", "<Event><![CDATA[subscribe]]></Event>", ""),
    ],
)
def test_authentic_but_unreadable(name: str, old: str, new: str) -> None:
    xml = payload(name).replace(old, new)
    assert xml != payload(name)
    if name == "link":
        for field in ("Title", "Description", "Url"):
            xml = xml.replace(f"<{field}>", "<X>").replace(f"</{field}>", "</X>").replace("<Uri>", "<X>")
    with pytest.raises(Unreadable):
        parse(xml)


def test_what_wechat_itself_heard_says_that_a_machine_wrote_it() -> None:
    heard = payload("voice").replace("<![CDATA[]]></Recognition>", "<![CDATA[楼上漏水]]></Recognition>")
    message = parse(heard).message
    assert message is not None
    assert (message.kind, message.text, message.by_machine) == ("voice", "楼上漏水", True)


def test_latitude_comes_first() -> None:
    message = parse(payload("location")).message
    assert message is not None
    assert message.location is not None
    assert (message.location.latitude, message.location.longitude) == (40.819298, 111.660351)


def test_a_resident_may_write_about_doctypes() -> None:
    words = "<!DOCTYPE html> &amp; <!ENTITY a>"
    message = parse(payload("text").replace("物业费突然涨到2块8 谁同意的", words)).message
    assert message is not None
    assert message.text == words
