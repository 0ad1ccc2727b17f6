"""Customer service messages: what becomes of each errcode, pictures, downloads, no secret in a log."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import httpx
import pytest
from starlette.responses import Response

from backend.conversations.views import Sender
from backend.workbench import wording
from bot.stored_files import StoredFile
from bot.wechat.channel import WeChatChannel
from bot.wechat.client import WeChatClient
from bot.wechat.errors import NEXT_WAY, NOT_FOLLOWING, OutcomeUnknown
from bot.wechat.service import ServiceMessages
from handlers.messages import Rendered, Sent, TryLater, Undeliverable
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID
from tests.wechat.emulator import Emulator
from tests.wechat.memory import GenerousLedger, MemoryStops
from tests.wechat.test_tokens import MemoryStore

SEND = "cgi-bin/message/custom/send"
UPLOAD = "cgi-bin/media/upload"
GET = "cgi-bin/media/get"
TOKEN = "cgi-bin/stable_token"
RESIDENT = Sender("wechat", "oResident")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
FILES = {
    1: StoredFile(PNG, "现场.png", "image/png"),
    2: StoredFile(b"%PDF-1.7", "合同.pdf", "application/pdf"),
    3: StoredFile(b"\x89PNG" + b"0" * (10 * 1024 * 1024), "大.png", "image/png"),
}


async def open_file(attachment_id: int) -> StoredFile:
    if attachment_id not in FILES:
        raise LookupError("missing")
    return FILES[attachment_id]


@pytest.fixture
def emulator(clock: SimulatedClock) -> Emulator:
    made = Emulator(APP_ID, "app-secret", clock=clock)
    made.user_did(RESIDENT.user_id)
    return made


@pytest.fixture
def ledger() -> GenerousLedger:
    return GenerousLedger()


@pytest.fixture
def channel(emulator: Emulator, ledger: GenerousLedger, clock: SimulatedClock) -> WeChatChannel:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(emulator.app), base_url="http://wechat/")
    return channel_over(http, ledger, clock)


def channel_over(http: httpx.AsyncClient, ledger: GenerousLedger, clock: SimulatedClock) -> WeChatChannel:
    client = WeChatClient(http, APP_ID, "app-secret", MemoryStore(), MemoryStops(clock), clock)
    return WeChatChannel(client, (ServiceMessages(client, ledger, open_file),), max_file_bytes=1000)


def over(outcome: TryLater | Undeliverable) -> TryLater | Undeliverable:
    """The outcome of a message for which no way but customer service was there."""
    reason = outcome.reason.removeprefix("wechat_")
    return replace(outcome, passed_over=(f"custom:{reason}",))


async def test_text_arrives_as_it_was_written(channel: WeChatChannel, emulator: Emulator) -> None:
    words = '已交由住建局办理 "FQ2026-000123"\n最迟12月1日前答复您 🙏'
    assert await channel.send(RESIDENT, Rendered(1, words)) == Sent("custom")
    assert emulator.texts(RESIDENT.user_id) == [words]
    # WeChat shows \uXXXX as it stands, so the bytes themselves have to be the words.
    assert "已交由住建局办理".encode() in emulator.raw_bodies[0]
    assert json.loads(emulator.raw_bodies[0])["touser"] == RESIDENT.user_id


@pytest.mark.parametrize(
    ("hours", "sent", "reason"), [(0, 5, "wechat_45047_too_many"), (49, 0, "wechat_45015_window_closed")]
)
async def test_wechat_itself_refuses_and_is_not_asked_again(
    channel: WeChatChannel,
    emulator: Emulator,
    ledger: GenerousLedger,
    clock: SimulatedClock,
    hours: int,
    sent: int,
    reason: str,
) -> None:
    clock.advance(hours=hours)
    for number in range(sent):
        assert await channel.send(RESIDENT, Rendered(number, str(number))) == Sent("custom")
    refused = over(Undeliverable(reason, at_next_contact=True))
    for _ in range(3):
        assert await channel.send(RESIDENT, Rendered(6, "6")) == refused
    assert emulator.calls.count(SEND) == sent + 1
    assert ledger.taken == sent
    assert not ledger.left


async def test_a_long_text_is_divided_and_nothing_of_it_lost(
    channel: WeChatChannel, emulator: Emulator, ledger: GenerousLedger
) -> None:
    words = "\n\n".join(f"第{n}段。" + "字" * 600 for n in range(3))
    assert await channel.send(RESIDENT, Rendered(1, words)) == Sent("custom")
    texts = emulator.texts(RESIDENT.user_id)
    assert "\n\n".join(texts) == words
    assert all(len(text.encode()) <= 2048 for text in texts)
    assert ledger.taken == 3, "each of them is counted"


async def test_more_than_wechat_ever_allows_is_cut(channel: WeChatChannel, emulator: Emulator) -> None:
    assert await channel.send(RESIDENT, Rendered(1, "字" * 9000, attachment_id=1)) == Sent("custom")
    assert [sent.kind for sent in emulator.sent] == ["text"] * 4 + ["image"]
    assert emulator.texts(RESIDENT.user_id)[-1].endswith("字…")


async def test_the_second_half_that_is_refused_is_said_to_staff(
    channel: WeChatChannel, emulator: Emulator
) -> None:
    for number in range(4):
        await channel.send(RESIDENT, Rendered(number, str(number)))
    outcome = await channel.send(RESIDENT, Rendered(5, "字" * 1000))
    assert outcome == Undeliverable("wechat_rest_not_sent", passed_over=("custom:45047_too_many",))
    assert len(emulator.texts(RESIDENT.user_id)) == 5


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, TryLater("wechat_-1_busy")),
        (45011, TryLater("wechat_45011_too_fast", fewer=True)),
        (45009, TryLater("wechat_45009_daily_quota", tomorrow=True)),
        (45015, Undeliverable("wechat_45015_window_closed", at_next_contact=True)),
        (45047, Undeliverable("wechat_45047_too_many", at_next_contact=True)),
        (48001, Undeliverable("wechat_48001_no_service_rights", at_next_contact=True)),
        (43004, Undeliverable("wechat_43004_not_following")),
        (43019, Undeliverable("wechat_43019_blocked_by_user")),
        (43101, Undeliverable("wechat_43101_refused_by_user")),
        (48002, Undeliverable("wechat_48002_refused_by_user")),
        (50005, Undeliverable("wechat_50005_not_following")),
        (40003, Undeliverable("wechat_40003_bad_openid")),
        (40037, Undeliverable("wechat_40037_bad_template_id")),
        (45002, Undeliverable("wechat_45002_too_long")),
        (47003, Undeliverable("wechat_47003_bad_template_data")),
        (40164, Undeliverable("wechat_40164_address_not_allowed")),
        (40013, Undeliverable("wechat_40013_bad_app_id")),
        (40125, Undeliverable("wechat_40125_bad_app_secret")),
        (99999, TryLater("wechat_99999")),
    ],
)
@pytest.mark.parametrize("call", [SEND, TOKEN, UPLOAD])
async def test_every_errcode_at_every_call(
    channel: WeChatChannel,
    emulator: Emulator,
    ledger: GenerousLedger,
    call: str,
    code: int,
    outcome: TryLater | Undeliverable,
) -> None:
    emulator.fail(call, code)
    attachment = 1 if call == UPLOAD else None
    answered = await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=attachment))
    assert answered == (over(outcome) if call == SEND and code in NEXT_WAY else outcome)
    assert emulator.sent == []
    assert emulator.calls.count(call) == 1
    assert ledger.taken == 0, "what was not sent is not counted"
    assert ledger.left is (call == SEND and code in NOT_FOLLOWING)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
@pytest.mark.parametrize("call", [SEND, UPLOAD])
async def test_token_errors_are_tried_once_more(
    channel: WeChatChannel, emulator: Emulator, call: str, code: int
) -> None:
    emulator.fail(call, code)
    assert await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=1)) == Sent("custom")
    emulator.fail(call, code, times=2)
    outcome = await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=1))
    assert outcome == TryLater(f"wechat_{code}_token")
    assert emulator.texts(RESIDENT.user_id) == ["您好"]


async def test_unreachable_wechat_has_shown_nothing(clock: SimulatedClock) -> None:
    http = httpx.AsyncClient(base_url="http://127.0.0.1:1/")
    channel = channel_over(http, GenerousLedger(), clock)
    assert await channel.send(RESIDENT, Rendered(1, "您好")) == TryLater("wechat_unreachable")


@pytest.mark.parametrize("answer", [Response("bad gateway", 502), Response("<html>"), Response("[1]")])
async def test_unknown_outcome_is_said_to_be_unknown(
    channel: WeChatChannel, emulator: Emulator, answer: Response
) -> None:
    emulator.fail(SEND, answer)
    with pytest.raises(OutcomeUnknown):
        await channel.send(RESIDENT, Rendered(1, "您好"))


async def test_lost_answer_is_unknown(clock: SimulatedClock) -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("stable_token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        raise httpx.ReadTimeout("lost", request=request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(lose), base_url="http://wechat/")
    channel = channel_over(http, GenerousLedger(), clock)
    with pytest.raises(OutcomeUnknown):
        await channel.send(RESIDENT, Rendered(1, "您好"))
    # An upload shows nothing to anybody: it may simply be made again.
    assert await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=1)) == TryLater(
        "wechat_unreachable"
    )


async def test_words_then_picture(channel: WeChatChannel, emulator: Emulator) -> None:
    assert await channel.send(RESIDENT, Rendered(1, "请看", attachment_id=1)) == Sent("custom")
    assert [(sent.kind, sent.content == "请看") for sent in emulator.sent] == [
        ("text", True),
        ("image", False),
    ]
    assert await channel.send(RESIDENT, Rendered(2, "", attachment_id=1)) == Sent("custom")
    assert [sent.kind for sent in emulator.sent] == ["text", "image", "image"]


@pytest.mark.parametrize(
    ("attachment_id", "outcome"),
    [
        (2, Undeliverable("attachment_no_picture")),
        (3, TryLater("wechat_40009")),
        (4, Undeliverable("attachment_missing")),
    ],
)
async def test_picture_that_cannot_be_sent_sends_nothing(
    channel: WeChatChannel, emulator: Emulator, attachment_id: int, outcome: object
) -> None:
    assert await channel.send(RESIDENT, Rendered(1, "请看", attachment_id=attachment_id)) == outcome
    assert emulator.sent == []


async def test_words_are_not_said_twice_when_the_picture_fails(
    channel: WeChatChannel, emulator: Emulator
) -> None:
    for number in range(4):
        await channel.send(RESIDENT, Rendered(number, str(number)))
    outcome = await channel.send(RESIDENT, Rendered(5, "请看", attachment_id=1))
    assert outcome == Undeliverable("wechat_rest_not_sent", passed_over=("custom:45047_too_many",))
    assert emulator.texts(RESIDENT.user_id) == ["0", "1", "2", "3", "请看"]


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize(
    ("message", "at"), [(Rendered(5, "字" * 2000), 2), (Rendered(5, "请看", attachment_id=1), 2)]
)
async def test_after_the_beginning_a_lost_answer_is_no_reason_to_say_it_again(
    emulator: Emulator,
    ledger: GenerousLedger,
    clock: SimulatedClock,
    message: Rendered,
    at: int,
    arrives: bool,
) -> None:
    inner, sends = httpx.ASGITransport(emulator.app), []

    class Losing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/custom/send"):
                return await inner.handle_async_request(request)
            sends.append(request)
            if len(sends) != at:
                return await inner.handle_async_request(request)
            if arrives:
                await inner.handle_async_request(request)
            raise httpx.ReadTimeout("lost", request=request)

    channel = channel_over(httpx.AsyncClient(transport=Losing(), base_url="http://wechat/"), ledger, clock)
    outcome = await channel.send(RESIDENT, message)
    assert outcome == Undeliverable("wechat_rest_not_sent", passed_over=("custom:interrupted",))
    assert "_" not in wording.passed_over(outcome.passed_over)
    assert len(sends) == at, "what came after it is not sent either"
    assert ledger.taken > 1, "what was sent is counted"


async def test_without_customer_service_rights_it_waits_for_the_next_contact(
    emulator: Emulator, channel: WeChatChannel
) -> None:
    silent = WeChatChannel(None, (), 1000)
    assert await silent.send(RESIDENT, Rendered(1, "您好")) == Undeliverable(
        "wechat_no_app_secret", at_next_contact=True
    )
    with pytest.raises(LookupError):
        await silent.fetch("media")
    emulator.messages.service_rights = False
    refused = over(Undeliverable("wechat_48001_no_service_rights", at_next_contact=True))
    for _ in range(2):
        assert await channel.send(RESIDENT, Rendered(1, "您好")) == refused
    assert emulator.calls.count(SEND) == 1, "a right that is missing is not asked for at every message"


async def test_unfollowed(channel: WeChatChannel, emulator: Emulator, ledger: GenerousLedger) -> None:
    emulator.unfollow(RESIDENT.user_id)
    refused = over(Undeliverable("wechat_43004_not_following"))
    for _ in range(2):
        assert await channel.send(RESIDENT, Rendered(1, "您好")) == refused
    assert emulator.calls.count(SEND) == 1
    assert ledger.left


@pytest.mark.parametrize("call", [SEND, UPLOAD])
async def test_a_used_up_day_stops_this_api_alone(
    channel: WeChatChannel, emulator: Emulator, call: str
) -> None:
    emulator.fail(call, 45009)
    attachment = 1 if call == UPLOAD else None
    for _ in range(3):
        outcome = await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=attachment))
        assert isinstance(outcome, TryLater)
        assert outcome.tomorrow
    assert emulator.calls.count(call) == 1
    picture = await channel.fetch(emulator.give_media(PNG, "image/png"))
    assert picture[0] == PNG
    if call == UPLOAD:
        assert await channel.send(RESIDENT, Rendered(1, "您好")) == Sent("custom")


async def test_download(channel: WeChatChannel, emulator: Emulator, clock: SimulatedClock) -> None:
    media_id = emulator.give_media(PNG, "image/png")
    assert await channel.fetch(media_id) == (PNG, f"{media_id}.png")
    video_id = emulator.give_media(b"\x00\x00\x00\x18ftypmp42", "video/mp4", video=True)
    assert await channel.fetch(video_id) == (b"\x00\x00\x00\x18ftypmp42", f"{video_id}.mp4")
    emulator.fail(GET, 42001)
    assert (await channel.fetch(media_id))[0] == PNG
    too_large = emulator.give_media(b"0" * 1001)
    for lost in (too_large, "unknown"):
        with pytest.raises(LookupError):
            await channel.fetch(lost)
    clock.advance(days=3)
    with pytest.raises(LookupError):
        await channel.fetch(media_id)


async def test_download_that_may_work_later(channel: WeChatChannel, emulator: Emulator) -> None:
    media_id = emulator.give_media(PNG, "image/png")
    page = Response("<html>", media_type="text/html")
    failures: list[int | Response] = [-1, Response("bad gateway", 502), Response("forbidden", 403), page]
    for failure in failures:
        emulator.fail(GET, failure)
        with pytest.raises(Exception) as raised:
            await channel.fetch(media_id)
        assert not isinstance(raised.value, LookupError)
    assert (await channel.fetch(media_id))[0] == PNG


async def test_no_secret_and_no_word_in_the_log(
    channel: WeChatChannel, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    emulator.fail(SEND, 40003)
    emulator.fail(SEND, Response("bad gateway", 502))
    await channel.send(RESIDENT, Rendered(1, "他打我"))
    with pytest.raises(OutcomeUnknown) as raised:
        await channel.send(RESIDENT, Rendered(1, "他打我"))
    await channel.send(RESIDENT, Rendered(1, "他打我", attachment_id=1))
    heard = caplog.text + repr(raised.value) + "".join(str(vars(record)) for record in caplog.records)
    for secret in ("app-secret", "access_token=", "他打我", RESIDENT.user_id, "现场"):
        assert secret not in heard
    assert any(getattr(record, "errcode", None) == 40003 for record in caplog.records)
