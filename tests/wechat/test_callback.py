"""A resident's message over the callback, on a real database: kept once, answered once, pushed when late."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from backend.attachments import service as attachments
from backend.conversations import entry, outbox
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from backend.settings import SettingsError
from bot.app import create_app
from bot.wechat.registration import build_gate
from tests.fixtures.settings import MakeSettings
from tests.wechat.account import Account, count, failing, opened_account
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID, KEY, PREVIOUS_KEY, TOKEN
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone, ServiceBroken

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 100
STORY = "楼上漏水三个月了，找物业没人管"


@pytest.mark.parametrize("mode", ["plain", "safe", "previous key"])
async def test_a_conversation(account: Account, mode: str) -> None:
    phone = account.phone(safe=mode != "plain", key=PREVIOUS_KEY if mode == "previous key" else "")
    assert await phone.follow()
    assert await phone.say(STORY)
    assert await phone.send_location(40.819298, 111.660351, "新城区某小区8号楼")
    assert await count(account, "incoming_messages") == 3
    assert await count(account, "outgoing_messages where state = 'sent' and way = 'passive'") == 3
    await account.jobs(minutes=1)
    assert account.emulator.sent == []


@pytest.mark.parametrize("safe", [False, True])
async def test_a_submission_three_times_at_once_is_one_case(account: Account, safe: bool) -> None:
    phone = account.phone(safe=safe)
    reply = await phone.say("物业费突然涨到2块8 谁同意的") or ""
    for answer in ("1", "恒大名都8号楼", "跳过", "跳过", "跳过"):
        if "1 提交" in reply:
            break
        account.clock.advance(seconds=5)
        reply = await phone.say(answer) or ""
    assert "1 提交" in reply
    account.clock.advance(seconds=5)
    submission = phone.message("text", "<Content>1</Content>")
    responses = await asyncio.gather(*(phone.deliver_once(submission) for _ in range(3)))
    [words] = {phone.read(response.content) for response in responses}
    assert words
    assert re.search(r"FQ2026-\d{6}", words)
    assert safe or len({response.content for response in responses}) == 1
    assert await count(account, "cases") == 1


@pytest.mark.parametrize("safe", [False, True])
async def test_the_same_message_three_times_at_once(account: Account, safe: bool) -> None:
    phone = account.phone(safe=safe)
    xml = phone.message("text", f"<Content>{STORY}</Content>")
    responses = await asyncio.gather(*(phone.deliver_once(xml) for _ in range(3)))
    assert [response.status_code for response in responses] == [200] * 3
    texts = {phone.read(response.content) for response in responses}
    assert len(texts) == 1
    assert texts.pop()
    if not safe:
        assert len({response.content for response in responses}) == 1
    account.clock.advance(seconds=5)
    late = await phone.deliver_once(xml)
    assert safe or late.content == responses[0].content
    assert await count(account, "incoming_messages") == 1
    assert await count(account, "outgoing_messages") == 1
    await account.jobs(minutes=1)
    assert account.emulator.sent == []


async def test_an_event_three_times_at_once(account: Account) -> None:
    phone = account.phone()
    xml = phone.event("subscribe", "qrscene_1")
    responses = await asyncio.gather(*(phone.deliver_once(xml) for _ in range(3)))
    assert len({response.content for response in responses}) == 1
    assert await count(account, "incoming_messages") == 1


async def test_photo_is_downloaded(account: Account) -> None:
    phone = account.phone()
    await phone.send_photo(account.emulator.give_media(PICTURE, "image/png"))
    await account.jobs()
    assert await count(account, "attachments where state = 'stored' and mime = 'image/png'") == 1


@pytest.mark.parametrize("error", [DatabaseUnavailable(), RuntimeError("a mistake of ours")])
async def test_what_was_not_kept_is_delivered_again(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock, error: Exception
) -> None:
    async with opened_account(wechat_settings(), emulator, clock, around=failing(2, error)) as account:
        phone = account.phone()
        xml = phone.message("text", f"<Content>{STORY}</Content>")
        assert (await phone.deliver_once(xml)).status_code == 503
        assert await phone.deliver(xml)
        assert await count(account, "incoming_messages") == 1


async def test_database_away(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    settings = wechat_settings(database_url="postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    async with opened_account(settings, emulator, clock) as account:
        phone = account.phone()
        response = await phone.deliver_once(phone.message("text", "<Content>1</Content>"))
        assert response.status_code == 503
        with pytest.raises(ServiceBroken):
            await phone.say(STORY)


async def test_an_officers_words_and_picture_are_pushed(account: Account) -> None:
    phone = account.phone()
    await phone.say(STORY)
    sha256 = await account.parts.files.put(PICTURE)
    database = account.parts.database
    async with database.work() as work:
        conversation = await entry.lock(work, Sender("wechat", phone.openid))
        picture = await attachments.add_stored(
            work,
            conversation.conversation_id,
            kind="image",
            mime="image/png",
            size=len(PICTURE),
            sha256=sha256,
            name="现场.png",
        )
        for attachment_id in (picture, None):
            await outbox.post(
                work,
                conversation.conversation_id,
                kind="chat",
                literal="请看这张图",
                attachment_id=attachment_id,
            )
        await work.commit()
    await account.jobs()
    assert [sent.kind for sent in account.emulator.sent] == ["text", "image", "text"]
    assert account.emulator.media(account.emulator.sent[1].content) == PICTURE


async def test_events_that_ask_for_nothing(account: Account) -> None:
    phone = account.phone()
    for event in ("unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH", "something_new"):
        assert (await phone.deliver_once(phone.event(event))).content == b"success"
    assert await count(account, "incoming_messages") == 0


async def test_safe_only(wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock) -> None:
    async with opened_account(wechat_settings(wechat_safe_only=True), emulator, clock) as account:
        assert await account.phone(safe=True).say(STORY)
        plain = account.phone()
        assert (await plain.deliver_once(plain.message("text", "<Content>1</Content>"))).status_code == 403


async def test_the_residents_app_has_the_callback(wechat_settings: MakeSettings) -> None:
    app = create_app(wechat_settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http,
    ):
        for safe in (False, True):
            phone = Phone("http://bot/wechat", TOKEN, http, app_id=APP_ID, aes_key=KEY if safe else "")
            assert (await phone.handshake("5837")).text == "5837"
            assert await phone.say(STORY)


async def test_the_residents_app_without_an_account(settings: MakeSettings) -> None:
    app = create_app(settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http,
    ):
        assert (await http.get("/wechat")).status_code == 404


def test_settings_that_cannot_work(settings: MakeSettings) -> None:
    for fields, name in (
        ({"wechat_aes_key": "short", "wechat_app_id": APP_ID}, "WECHAT_AES_KEY:"),
        ({"wechat_aes_key": KEY}, "WECHAT_APP_ID"),
        ({"wechat_safe_only": True}, "WECHAT_SAFE_ONLY"),
    ):
        with pytest.raises(SettingsError, match=name) as error:
            build_gate(settings(wechat_token=TOKEN, **fields))
        assert "short" not in str(error.value)
