"""An account without an AppSecret has replies in words alone: nobody is promised more."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.attachments import service as attachments
from backend.conversations import entry, handover
from backend.conversations.views import Sender
from backend.domain.lifecycle import Role
from backend.organisation import accounts
from backend.workbench import chat_desk, conversation
from dialogs.texts import text
from tests.fixtures.media import plain_photo
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import Office
from tests.wechat.account import Account, count, opened_account
from tests.wechat.case import registered
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

NOT_HERE = text("attachment.not_here")
NOT_SHOWN = text("chat.picture_not_shown")


@pytest_asyncio.fixture
async def silent(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Account]:
    async with opened_account(wechat_settings(wechat_app_secret=None), emulator, clock) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["photo", "voice"])
async def test_what_cannot_be_fetched_is_refused_at_once(silent: Account, kind: str) -> None:
    phone = silent.phone()
    send = phone.send_photo if kind == "photo" else phone.send_voice
    assert await send("media-1") == NOT_HERE
    await silent.jobs(days=4)
    assert phone.inbox() == [NOT_HERE], "nobody is asked to send it again"
    assert await count(silent, "attachments") == 0


async def test_a_photo_leaves_the_question_open(silent: Account) -> None:
    phone = silent.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    silent.clock.advance(seconds=5)
    assert await phone.send_photo("media-1") == NOT_HERE
    silent.clock.advance(seconds=5)
    assert "哪个小区" in (await phone.say("1") or "")
    await registered(silent, silent.phone())


async def test_words_that_wechat_heard_count_without_the_recording(silent: Account) -> None:
    phone = silent.phone()
    fields = "<MediaId><![CDATA[m]]></MediaId><Recognition><![CDATA[物业费突然涨价了]]></Recognition>"
    reply = await phone.deliver(phone.message("voice", fields)) or ""
    assert "【物业】" in reply and NOT_HERE not in reply
    assert await count(silent, "attachments") == 0


async def test_with_a_secret_a_photo_is_taken(account: Account) -> None:
    assert NOT_HERE not in (await account.phone().send_photo("media-1") or "")
    assert await count(account, "attachments") == 1


async def show(account: Account, phone: Phone, words: str) -> int:
    """An officer takes the resident's chat and sends a picture; the conversation."""
    office = Office(account.parts.database)
    officer = await office.person(Role.OFFICER, name="小周")
    async with account.parts.database.work() as work:
        talk = (await entry.lock(work, Sender("wechat", phone.openid))).conversation_id
        await handover.request(work, talk, "asked")
        assert await handover.take(work, talk, officer.member.id)
        content = plain_photo()
        picture = await attachments.add_stored(
            work, talk, kind="image", mime="image/jpeg", size=len(content), sha256="0" * 64, name="流程.jpg"
        )
        member = next(m for m in await accounts.list_staff(work) if m.id == officer.member.id)
        assert await chat_desk.say(work, talk, member, words, picture)
        await work.commit()
    await account.jobs()
    return talk


@pytest.mark.parametrize("words", ["请看这张", ""])
async def test_an_officers_picture_is_told_of_with_the_next_reply(silent: Account, words: str) -> None:
    phone = silent.phone()
    await phone.say("人工")
    talk = await show(silent, phone, words)
    assert not [shown for shown in phone.inbox() if NOT_SHOWN in shown]
    silent.clock.advance(seconds=5)
    told = f"{words}\n{NOT_SHOWN}".lstrip()
    assert told in (await phone.say("在吗") or "")
    silent.clock.advance(seconds=5)
    assert NOT_SHOWN not in (await phone.say("好的") or ""), "once"
    async with silent.parts.database.work() as work:
        (line,) = [one for one in await conversation.lines(work, talk, numbers=True) if one.by == "staff"]
    assert line.text == told, "staff read what the resident read"
    assert line.way == "随居民下一次来信的回复送达"
