"""Sending: what becomes of each refusal, long words, pictures, files that are fetched, no secret in a log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from starlette.responses import Response

from backend.attachments import service as attachments
from backend.conversations.views import Sender
from backend.db.database import Database
from backend.settings import Settings
from bot.stored_files import StoredFile
from bot.telegram import text
from bot.telegram.channel import TelegramChannel
from bot.telegram.client import NotDownloaded, make_bot
from bot.telegram.errors import OutcomeUnknown
from bot.telegram.pace import Pace
from bot.telegram.progress import Progress
from dialogs.messages import Choice
from handlers.messages import Rendered, Sent, TryLater, Undeliverable
from tests.fixtures.settings import MakeSettings
from tests.telegram.emulator import TOKEN, Emulator
from tests.telegram.installed import Installed
from tests.telegram.limits import BLOCKED, DEACTIVATED, NO_CHAT, NOT_STARTED, Error, too_many

RESIDENT = Sender("telegram", "5000001")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
FILES = {
    1: StoredFile(PNG, "现场.png", "image/png"),
    2: StoredFile(b"%PDF-1.7", "合同.pdf", "application/pdf"),
    3: StoredFile(b"\x89PNG" + b"0" * (10 * 1024 * 1024), "大.png", "image/png"),
    4: StoredFile(b"RIXX-no-picture", "坏.webp", "image/webp"),
}


async def open_file(attachment_id: int) -> StoredFile:
    if attachment_id not in FILES:
        raise LookupError("missing")
    return FILES[attachment_id]


def built(settings: Settings) -> tuple[TelegramChannel, Database]:
    database = Database(settings.database_url)
    bot = make_bot(settings)
    return TelegramChannel(bot, open_file, Pace(None, "", "test"), Progress(database), 1000), database


@pytest_asyncio.fixture
async def channel(
    telegram_settings: MakeSettings, emulator: Emulator, unhurried: None
) -> AsyncIterator[TelegramChannel]:
    emulator.chat(int(RESIDENT.user_id))
    made, database = built(telegram_settings())
    yield made
    await made.aclose()
    await database.close()


def texts(emulator: Emulator) -> list[str]:
    return [shown.text for shown in emulator.chats[int(RESIDENT.user_id)].shown]


async def test_words_arrive_as_they_were_written(channel: TelegramChannel, emulator: Emulator) -> None:
    words = '已交由住建局办理 "FQ2026-000123"\n<b>最迟</b>12月1日前 _答复_ 您 https://example.test/c/1 🙏'
    assert await channel.send(RESIDENT, Rendered(1, words)) == Sent("bot")
    assert texts(emulator) == [words]


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (too_many(35), TryLater("telegram_429_too_fast", after=timedelta(seconds=35))),
        (Error(*BLOCKED), Undeliverable("telegram_403_blocked_by_user", at_next_contact=True)),
        (Error(*NOT_STARTED), Undeliverable("telegram_403_not_started", at_next_contact=True)),
        (Error(*NO_CHAT), Undeliverable("telegram_400_chat_not_found", at_next_contact=True)),
        (Error(*DEACTIVATED), Undeliverable("telegram_403_account_deleted")),
        (Error(403, "Forbidden: bot can't send messages to bots"), Undeliverable("telegram_403_is_a_bot")),
        (
            Error(403, "Forbidden: something new"),
            Undeliverable("telegram_403_refused_by_user", at_next_contact=True),
        ),
        (Error(400, "Bad Request: something new"), Undeliverable("telegram_400_bad_request")),
        (Error(401, "Unauthorized"), TryLater("telegram_401_token_refused")),
        (Error(404, "Not Found"), TryLater("telegram_401_token_refused")),
        (Error(413, "Request Entity Too Large"), Undeliverable("telegram_413_too_large")),
        (Response('{"ok":false}', 400), Undeliverable("telegram_400_bad_request")),
        (Response('{"ok":false}', 403), Undeliverable("telegram_403_refused_by_user", at_next_contact=True)),
        (Response('{"ok":false}'), TryLater("telegram_refused")),
        (Error(420, "Something else"), TryLater("telegram_refused")),
    ],
)
@pytest.mark.parametrize("method", ["sendMessage", "sendPhoto", "sendDocument"])
async def test_every_refusal_at_every_call(
    channel: TelegramChannel, emulator: Emulator, method: str, refusal: Error | Response, outcome: object
) -> None:
    emulator.fail(method, refusal)
    attachment = {"sendMessage": None, "sendPhoto": 1, "sendDocument": 2}[method]
    assert await channel.send(RESIDENT, Rendered(1, "您好", attachment_id=attachment)) == outcome
    assert texts(emulator) == []


@pytest.mark.parametrize(
    "answer",
    [
        Error(500, "Internal Server Error"),
        Error(502, "Bad Gateway: restart"),
        Response("<html>bad gateway</html>", 502),
        Response("[1]"),
        Response('{"ok":"perhaps"}'),
    ],
)
async def test_an_unknown_outcome_is_said_to_be_unknown(
    channel: TelegramChannel, emulator: Emulator, answer: Error | Response
) -> None:
    emulator.fail("sendMessage", answer)
    with pytest.raises(OutcomeUnknown):
        await channel.send(RESIDENT, Rendered(1, "您好"))


async def test_an_answer_of_tomorrow_is_an_answer(channel: TelegramChannel, emulator: Emulator) -> None:
    """Sent again because its receipt cannot be read, a message would come five times."""
    emulator.fail("sendMessage", Response('{"ok":true,"result":{"message_id":"new"}}'))
    assert await channel.send(RESIDENT, Rendered(1, "您好")) == Sent("bot")
    emulator.fail("sendPhoto", Response('{"ok":true,"result":{"message_id":"new"}}'))
    assert await channel.send(RESIDENT, Rendered(2, "您好", attachment_id=1)) == Sent("bot")
    assert texts(emulator) == []


async def test_unreachable_telegram_has_shown_nothing(telegram_settings: MakeSettings) -> None:
    channel, database = built(telegram_settings(telegram_api_base="http://127.0.0.1:1"))
    assert await channel.send(RESIDENT, Rendered(1, "您好")) == TryLater("telegram_unreachable")
    with pytest.raises(Exception) as raised:
        await channel.fetch("AgACAg")
    assert not isinstance(raised.value, LookupError)
    await channel.aclose()
    await database.close()


async def test_a_lost_answer_is_unknown(channel: TelegramChannel, emulator: Emulator) -> None:
    channel.bot.session.timeout = 0.2
    emulator.late = 0.6
    with pytest.raises(OutcomeUnknown):
        await channel.send(RESIDENT, Rendered(1, "您好"))
    emulator.late = 0.0


async def test_long_words_are_divided_at_paragraphs(channel: TelegramChannel, emulator: Emulator) -> None:
    paragraphs = [f"第{n}段。" + "字" * 900 for n in range(8)]
    choices = (Choice("yes", literal="好"),)
    message = Rendered(7, "\n\n".join(paragraphs), choices=choices, labels=("好",), numbers=("1",))
    assert await channel.send(RESIDENT, message) == Sent("bot")
    shown = emulator.chats[int(RESIDENT.user_id)].shown
    assert "\n\n".join(part.text for part in shown) == "\n\n".join(paragraphs)
    assert [bool(part.buttons) for part in shown] == [False, True]


async def test_a_second_try_goes_on_where_the_first_one_stopped(
    channel: TelegramChannel, emulator: Emulator
) -> None:
    message = Rendered(8, "\n\n".join(f"{n}" + "字" * 3000 for n in range(4)))
    emulator.chat_rate = 0.0001
    assert await channel.send(RESIDENT, message) == TryLater(
        "telegram_429_too_fast", after=timedelta(seconds=1)
    )
    assert len(texts(emulator)) == 1
    emulator.chat_rate = None
    channel._pace = Pace(None, "", "again")
    assert await channel.send(RESIDENT, message) == Sent("bot")
    assert [part[0] for part in texts(emulator)] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    "words",
    ["字" * 4096, "🙏" * 2048, "字" * 5000, "🙏" * 3000, "一。" * 4000, "a " * 5000, "\n" * 5000 + "x"],
)
def test_every_part_is_within_the_limit_and_nothing_is_lost(words: str) -> None:
    parts = text.divide(words)
    assert all(0 < text.length(part) <= 4096 for part in parts)
    assert "".join("".join(parts).split()) == "".join(words.split())


def test_what_cannot_be_sent_is_left_out() -> None:
    assert text.clean(" \ud83d您\x00好\x0b\ud800🙏\n") == "您好🙏"
    assert text.divide(" \n ") == []


async def test_a_chat_that_is_to_be_left_alone_is_not_even_asked(
    channel: TelegramChannel, emulator: Emulator
) -> None:
    emulator.fail("sendMessage", too_many(35))
    await channel.send(RESIDENT, Rendered(1, "您好"))
    outcome = await channel.send(RESIDENT, Rendered(2, "您好"))
    assert isinstance(outcome, TryLater) and outcome.after is not None
    assert outcome.after > timedelta(seconds=20)
    assert len(emulator.called("sendMessage")) == 1


async def test_nothing_to_say_is_not_sent(channel: TelegramChannel, emulator: Emulator) -> None:
    assert await channel.send(RESIDENT, Rendered(1, " \n\x00")) == Undeliverable("telegram_nothing_to_send")
    assert emulator.calls == []


async def test_choices_that_do_not_fit_into_buttons_are_numbered_lines(
    channel: TelegramChannel, emulator: Emulator
) -> None:
    choices = (Choice("category-" + "x" * 60), Choice("yes"))
    message = Rendered(1, "哪一类？", choices=choices, labels=("甲", "乙"), numbers=("1", "2"))
    assert await channel.send(RESIDENT, message) == Sent("bot")
    assert texts(emulator) == ["哪一类？\n1 甲\n2 乙"]


async def test_a_picture_with_its_words(channel: TelegramChannel, emulator: Emulator) -> None:
    shown = emulator.chats[int(RESIDENT.user_id)].shown
    for attachment_id, kind in ((1, "photo"), (2, "document"), (3, "document"), (4, "document")):
        message = Rendered(attachment_id, "请看", attachment_id=attachment_id)
        assert await channel.send(RESIDENT, message) == Sent("bot")
        assert (shown[-1].kind, shown[-1].text) == (kind, "请看")
        assert shown[-1].file == FILES[attachment_id].content
    assert await channel.send(RESIDENT, Rendered(5, "", attachment_id=1)) == Sent("bot")
    assert await channel.send(RESIDENT, Rendered(6, "字" * 1025, attachment_id=1)) == Sent("bot")
    assert [part.kind for part in shown[-2:]] == ["text", "photo"]
    assert await channel.send(RESIDENT, Rendered(7, "x", attachment_id=9)) == Undeliverable(
        "attachment_missing"
    )


async def test_a_picture_that_is_not_there(bot: Installed) -> None:
    """Its row or its bytes are gone, or it was never downloaded."""
    phone = bot.phone()
    await phone.say("您好")
    async with bot.parts.database.work() as work:
        lost = await attachments.add_stored(
            work, 1, kind="image", mime="image/png", size=1, sha256="0" * 64, name=""
        )
        pending = await attachments.add_remote(work, 1, kind="image", remote_id="x", channel="telegram")
        await work.commit()
    for attachment_id in (lost, pending, 10**6):
        outcome = await bot.channel.send(
            Sender("telegram", str(phone.user_id)), Rendered(1, "请看", attachment_id=attachment_id)
        )
        assert outcome == Undeliverable("attachment_missing")


async def test_words_are_not_said_twice_when_the_picture_fails(
    channel: TelegramChannel, emulator: Emulator
) -> None:
    emulator.fail("sendPhoto", Response("bad gateway", 502))
    message = Rendered(11, "字" * 1025, attachment_id=1)
    with pytest.raises(OutcomeUnknown):
        await channel.send(RESIDENT, message)
    assert await channel.send(RESIDENT, message) == Sent("bot")
    assert [part.kind for part in emulator.chats[int(RESIDENT.user_id)].shown] == ["text", "photo"]


async def test_files_are_fetched(channel: TelegramChannel, emulator: Emulator) -> None:
    file_id = emulator.give_file(PNG)
    assert await channel.fetch(file_id) == (PNG, f"{file_id}.jpg")
    for lost in (
        emulator.give_file(b"0" * 1001),
        emulator.give_file(b"0" * (20 * 1024 * 1024 + 1)),
        "unknown",
    ):
        with pytest.raises(LookupError):
            await channel.fetch(lost)


async def test_a_file_that_may_be_had_later(channel: TelegramChannel, emulator: Emulator) -> None:
    file_id = emulator.give_file(PNG)
    unavailable = Error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    for method, failure in (
        ("getFile", unavailable),
        ("getFile", too_many(1)),
        ("getFile", Response("bad gateway", 502)),
        ("file", Response("Not Found", 404)),
    ):
        emulator.fail(method, failure)
        with pytest.raises(Exception) as raised:
            await channel.fetch(file_id)
        assert not isinstance(raised.value, LookupError)
    emulator.fail("file", Response("Not Found", 404))
    with pytest.raises(NotDownloaded) as raised_there:
        await channel.fetch(file_id)
    assert TOKEN not in repr(raised_there.value) and raised_there.value.__cause__ is None
    assert (await channel.fetch(file_id))[0] == PNG


async def test_a_file_that_is_larger_than_it_said(channel: TelegramChannel, emulator: Emulator) -> None:
    file_id = emulator.give_file(PNG)
    emulator.fail("file", Response(b"0" * 5000))
    with pytest.raises(LookupError):
        await channel.fetch(file_id)


async def test_no_secret_and_no_word_in_the_log(
    channel: TelegramChannel, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    emulator.fail("sendMessage", Error(400, "Bad Request: x"), Response("bad gateway", 502), Error(401, "x"))
    heard = ""
    for _ in range(3):
        try:
            await channel.send(RESIDENT, Rendered(1, "他打我", attachment_id=None))
        except OutcomeUnknown as error:
            heard += repr(error) + repr(error.__cause__)
    emulator.fail("file", Response("x", 500))
    with pytest.raises(NotDownloaded):
        await channel.fetch(emulator.give_file(PNG))
    heard += caplog.text + "".join(str(vars(record)) for record in caplog.records)
    for secret in (TOKEN, TOKEN.partition(":")[2], "他打我", RESIDENT.user_id):
        assert secret not in heard
    codes = [getattr(record, "code", None) for record in caplog.records]
    assert {"telegram_400_bad_request", "telegram_401_token_refused"} <= set(codes)
