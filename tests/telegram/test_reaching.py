"""Residents who block the bot and come back, slow and refusing servers, officers who write first."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import select

from backend.attachments import service as attachments
from backend.conversations import alerts, entry, outbox
from backend.conversations.tables import OutgoingRow
from backend.conversations.views import Sender
from backend.domain.lifecycle import Action
from tests.telegram.installed import Installed, count
from tests.telegram.limits import Error, too_many
from tests.telegram.phone import Phone
from tests.telegram.test_conversations import STORY, act, submit


async def states(bot: Installed) -> list[tuple[str, str | None]]:
    """Of all outgoing messages, oldest first."""
    async with bot.parts.database.work() as work:
        query = select(OutgoingRow.state, OutgoingRow.reason).order_by(OutgoingRow.id)
        return [(row.state, row.reason) for row in await work.session.execute(query)]


async def officer_says(bot: Installed, phone: Phone, words: str, picture: bytes = b"") -> None:
    sha256 = await bot.parts.files.put(picture) if picture else ""
    async with bot.parts.database.work() as work:
        conversation = await entry.lock(work, Sender("telegram", str(phone.user_id)))
        file = None
        if picture:
            file = await attachments.add_stored(
                work, conversation.conversation_id, kind="image", mime="image/jpeg",
                size=len(picture), sha256=sha256, name="现场.jpg",
            )  # fmt: skip
        await outbox.post(work, conversation.conversation_id, kind="chat", literal=words, attachment_id=file)
        await work.commit()


async def test_blocked_and_back(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone)
    before = len(phone.shown)
    assert await phone.do(phone.membership("member", "kicked")) == ""
    await act(bot, number, Action.ACCEPT)
    await act(bot, number, Action.ASSIGN, unit="zhujian")
    assert len(phone.shown) == before
    assert (await states(bot))[-2:] == [("held", "next_contact")] * 2
    back = await phone.do(phone.membership("kicked", "member"))
    assert "已受理" in back and "已交由住建局办理" in back
    assert [state for state, _ in await states(bot)] == ["sent"] * len(await states(bot))


async def test_blocked_and_a_message_brings_what_waited(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone)
    phone.chat.blocked = True
    await act(bot, number, Action.ACCEPT)
    phone.chat.blocked = False
    reply = await phone.say("/start")
    assert "已受理" in reply and "您好" in reply


async def test_blocked_for_a_day_is_a_phone_task(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone)
    phone.chat.blocked = True
    await act(bot, number, Action.ACCEPT)
    await bot.jobs(hours=25)
    async with bot.parts.database.work() as work:
        tasks = [alert for alert in await alerts.open_alerts(work) if alert.kind == "phone"]
    assert [list(task.codes) for task in tasks] == [["telegram_403_blocked_by_user"]]


async def test_an_account_that_is_gone_is_a_phone_task_at_once(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone)
    phone.chat.deactivated = True
    await act(bot, number, Action.ACCEPT)
    assert (await states(bot))[-1] == ("dead", "telegram_403_account_deleted")


async def test_somebody_unknown_comes_back(bot: Installed) -> None:
    phone = bot.phone()
    assert await phone.do(phone.membership("kicked", "member")) == ""
    assert await count(bot, "conversations") == 0


async def test_an_officer_writes_with_a_picture(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say(STORY)
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG")
    await officer_says(bot, phone, "请看这张图", content.getvalue())
    await bot.jobs()
    assert (phone.last.kind, phone.last.text, phone.last.file) == ("photo", "请看这张图", content.getvalue())


async def test_told_to_wait_it_waits_and_keeps_the_order(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say(STORY)
    before = len(phone.shown)
    bot.emulator.fail("sendMessage", too_many(2))
    for words in ("第一句", "第二句", "第三句"):
        await officer_says(bot, phone, words)
    await bot.jobs()
    assert phone.texts[before:] == [], "nobody is overtaken"
    while len(phone.shown) < before + 3:
        await bot.jobs(seconds=1)
    assert phone.texts[before:] == ["第一句", "第二句", "第三句"]


@pytest.mark.parametrize("failure", [Error(500, "Internal Server Error"), Error(429, "Too Many Requests", 1)])
async def test_a_reply_survives_a_failure(bot: Installed, failure: Error) -> None:
    phone = bot.phone()
    bot.emulator.fail("sendMessage", failure)
    assert await bot.deliver(phone.message(text=STORY)) == 200, "it is committed, whatever Telegram says now"
    while not phone.shown:
        await bot.jobs(seconds=3)
    assert "登记" in phone.texts[0]


async def test_a_tap_is_heard_even_if_thanks_fail(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    bot.emulator.fail("answerCallbackQuery", Error(400, too_old))
    assert "几号楼" in await phone.tap("对")
    assert not any("✓" in b["text"] for b in phone.shown[0].buttons)


async def test_a_group_that_cannot_be_left(bot: Installed) -> None:
    phone = bot.phone()
    joined = phone.membership("left", "member")
    joined["my_chat_member"]["chat"] = {"id": -5, "type": "group", "title": "x"}
    assert await bot.deliver(joined) == 200
    await bot.channel.aclose()
    assert bot.emulator.left == []
