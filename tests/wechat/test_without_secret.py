"""An account without an AppSecret has replies in words alone: nobody is promised more."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text as sql

from backend.attachments import service as attachments
from backend.conversations import entry, handover
from backend.conversations.views import Sender
from backend.domain.lifecycle import Role
from backend.organisation import accounts
from backend.workbench import chat_desk, conversation
from bot.pages.links import Links, PictureLink
from dialogs.texts import text
from handlers.unsubmitted import remind
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
BEHIND = text("chat.picture_behind_link")


@pytest_asyncio.fixture
async def silent(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Account]:
    async with opened_account(wechat_settings(wechat_app_secret=None), emulator, clock) as opened:
        yield opened


@pytest_asyncio.fixture
async def unreachable(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> AsyncIterator[Account]:
    """Besides, no phone can open our pages."""
    settings = wechat_settings(wechat_app_secret=None, public_url="http://127.0.0.1:8000")
    async with opened_account(settings, emulator, clock) as opened:
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


async def test_a_reminder_that_cannot_be_sent_is_nobodys_task(silent: Account) -> None:
    phone = silent.phone()
    assert "【物业】" in (await phone.say("物业费突然涨到2块8 谁同意的") or "")
    silent.clock.advance(minutes=30)
    await remind(silent.parts)
    await silent.jobs()
    await silent.jobs(days=2)
    async with silent.parts.database.work() as work:
        told = "select state, reason from outgoing_messages where kind = 'reminder'"
        assert (await work.session.execute(sql(told))).one() == ("dropped", "wechat_no_app_secret")
    assert await count(silent, "alerts") == 0
    assert text("unsubmitted.kept") not in (await phone.say("你好") or "")


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
async def test_an_officers_picture_comes_as_a_link_with_the_next_reply(silent: Account, words: str) -> None:
    phone = silent.phone()
    await phone.say("人工")
    talk = await show(silent, phone, words)
    assert not [shown for shown in phone.inbox() if BEHIND in shown]
    silent.clock.advance(seconds=5)
    reply = await phone.say("在吗") or ""
    found = re.search(r"^https://chat\.example\.cn/p/(\S+)$", reply, re.MULTILINE)
    assert found, "a line of its own"
    assert f"{words}\n{BEHIND}\n{found[0]}".lstrip() in reply and NOT_SHOWN not in reply
    key = silent.settings.secret_key
    assert key is not None
    opens = Links(key.get_secret_value(), "").read_picture(found[1])
    async with silent.parts.database.work() as work:
        [line] = [one for one in await conversation.lines(work, talk, numbers=True) if one.by == "staff"]
    assert opens == PictureLink(line.id, talk)
    assert found[0] in line.text, "staff read what the resident read"
    silent.clock.advance(seconds=5)
    assert BEHIND not in (await phone.say("好的") or ""), "once"


@pytest.mark.parametrize("words", ["请看这张", ""])
async def test_where_no_page_can_be_opened_a_picture_is_told_of(unreachable: Account, words: str) -> None:
    phone = unreachable.phone()
    await phone.say("人工")
    talk = await show(unreachable, phone, words)
    assert not [shown for shown in phone.inbox() if NOT_SHOWN in shown]
    unreachable.clock.advance(seconds=5)
    told = f"{words}\n{NOT_SHOWN}".lstrip()
    assert told in (await phone.say("在吗") or "")
    unreachable.clock.advance(seconds=5)
    assert NOT_SHOWN not in (await phone.say("好的") or ""), "once"
    async with unreachable.parts.database.work() as work:
        (line,) = [one for one in await conversation.lines(work, talk, numbers=True) if one.by == "staff"]
    assert line.text == told, "staff read what the resident read"
    assert line.way == "随居民下一次来信的回复送达"


async def test_a_picture_that_waited_while_the_account_lost_its_secret(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    """It was put into words for a channel that shows pictures."""
    async with opened_account(wechat_settings(), emulator, clock) as before:
        phone = before.phone()
        await phone.say("人工")
        clock.advance(hours=49)
        await show(before, phone, "请看这张")
    async with opened_account(wechat_settings(wechat_app_secret=None), emulator, clock) as after:
        again = after.phone()
        again.openid = phone.openid
        assert f"请看这张\n{NOT_SHOWN}" in (await again.say("在吗") or "")
