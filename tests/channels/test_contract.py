"""What every channel owes its residents, asserted from what it says of itself and never from its name."""

from __future__ import annotations

import asyncio
import re

import pytest

from backend.attachments import service as attachments
from backend.conversations import alerts, handover
from backend.domain.lifecycle import Action
from backend.organisation import accounts
from backend.workbench import chat_desk
from dialogs.texts import text
from tests.channels.installation import CAN, OFFICER, WINDOWS, Installation
from tests.channels.phone import RECORDING, picture
from tests.channels.talk import Talk

NUMBER = re.compile(r"FQ\d{4}-\d{6}")
STORY = "物业费突然涨到2块8 谁同意的"
HOUR = 3600


def on(*kinds: str) -> pytest.MarkDecorator:
    """On every channel whose phones can do this."""
    return pytest.mark.parametrize("channel", [name for name, can in CAN.items() if set(kinds) <= can])


async def talk(installation: Installation, channel: str) -> Talk:
    return Talk(installation, await installation.phone(channel))


async def registered(said: Talk) -> str:
    """The number of a case that this resident has just registered."""
    reply = await said.say(STORY)
    for _ in range(12):
        if found := NUMBER.search(reply):
            return found[0]
        known = [label for label in ("提交", "对") if re.search(rf"^\d {label}", reply, re.MULTILINE)]
        reply = await (said.tap(known[0]) if known else said.say("跳过"))
    raise AssertionError(reply)


async def tell(said: Talk, number: str, words: str) -> str:
    """Staff tell the resident something about the case; what the phone shows."""
    await said.installation.act(number, Action.NOTE, text=words)
    await said.phone.look()
    return said.news()


async def with_officer(said: Talk) -> accounts.Member:
    """The resident asked for a person, and one came."""
    await said.say("人工")
    opened = await said.installation.opened(said.phone)
    async with said.installation.parts.database.work() as work:
        [officer] = [one for one in await accounts.list_staff(work) if one.username == OFFICER]
        await handover.request(work, opened.conversation_id, "asked")
        assert await chat_desk.take(work, opened.conversation_id, officer)
        await work.commit()
    await said.wait()
    return officer


@on("text")
async def test_nobody_else_writes_in_its_name(installation: Installation, channel: str) -> None:
    phone = await installation.phone(channel)
    before = await installation.execute("select count(*) from incoming_messages")
    assert 400 <= await phone.forge() < 500
    assert await installation.execute("select count(*) from incoming_messages") == before


@on("text")
async def test_the_same_again_and_at_once_happens_once(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    act = said.phone.written(STORY)
    await asyncio.gather(*(said.phone.deliver(act) for _ in range(3)))
    assert "【物业】" in await said.wait()
    await said.phone.deliver(act)
    rows = await installation.timeline(said.phone)
    assert [row.message_id for row in rows.incoming] == [act.message_id]
    assert [row.state for row in rows.outgoing] == ["sent"]
    assert len({shown.text for shown in said.phone.screen}) == 1, "the same answer each time"


@on("text")
async def test_messages_that_overtake_each_other_are_all_kept(
    installation: Installation, channel: str
) -> None:
    said = await talk(installation, channel)
    first, second = said.phone.written(STORY), said.phone.written("电梯还天天坏")
    await said.send(second)
    await said.send(first, after=1)
    rows = await installation.timeline(said.phone)
    assert [row.text for row in rows.incoming] == ["电梯还天天坏", STORY]
    assert {row.state for row in rows.outgoing} == {"sent"}


@on("edit")
async def test_a_change_that_overtakes_its_message(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    original = said.phone.written("物业费突然涨到2块8")
    changed = said.phone.edited(original, "物业费突然涨到3块8")
    assert "物业" in await said.send(changed)
    assert await said.send(original) == ""
    rows = await installation.timeline(said.phone)
    assert [row.text for row in rows.incoming] == ["物业费突然涨到3块8"]


@on("image", "voice", "location")
async def test_material_is_kept(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    assert "收到照片" in await said.send(said.phone.file("image", picture(), "楼道.jpg"))
    await said.send(said.phone.file("voice", RECORDING))
    await said.say(STORY)
    assert "收到位置" in await said.send(said.phone.position(28.1, 112.9, "菜市场"))
    files = await installation.files(said.phone)
    assert [(file.kind, file.state) for file in files] == [("image", "stored"), ("voice", "stored")]
    [place] = [row.payload["location"] for row in (await installation.timeline(said.phone)).incoming[3:]]
    assert (place["latitude"], place["longitude"], place["label"]) == (28.1, 112.9, "菜市场")


@on("text")
async def test_choices_as_it_can_show_them(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    await said.say(STORY)
    asked = said.phone.screen[-1]
    if said.phone.capabilities.buttons:
        assert [(choice.number, choice.label) for choice in asked.choices] == [("1", "对"), ("2", "不对")]
        assert "1 对" not in asked.text
    else:
        assert asked.text.endswith("\n1 对\n2 不对") and not asked.choices
    assert "几号楼" in await said.say("1"), "a typed number answers everywhere"
    other = await talk(installation, channel)
    await other.say(STORY)
    assert "几号楼" in await other.tap("对")


@on("text")
async def test_a_slow_answer_is_announced_and_comes(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    done = asyncio.Event()
    installation.model.before = done.wait
    delivery = asyncio.create_task(said.phone.deliver(said.phone.written(STORY)))
    try:
        while said.phone.capabilities.typing and not said.phone.waits():
            await asyncio.sleep(0.02)
        done.set()
        await delivery
    finally:
        installation.model.before = None
    shown = said.news()
    while "物业" not in shown:
        shown += await said.wait()
    rows = await installation.timeline(said.phone)
    assert [row.state for row in rows.outgoing] == ["sent"] and shown.count("【物业】") == 1


@on("text")
async def test_long_words_fit(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    words = "物业已经答应退钱，" * 220
    shown = await tell(said, await registered(said), words)
    longest = said.phone.capabilities.max_bytes
    if longest is None:
        assert words in shown.replace("\n", "")
    else:
        assert words[:90] in shown
        assert all(len(one.text.encode()) <= longest for one in said.phone.screen)


@on("text")
async def test_a_push_while_it_may_and_afterwards(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    number = await registered(said)
    assert "我们明天上门" in await tell(said, number, "我们明天上门")
    window = WINDOWS.get(channel)
    await said.wait(seconds=(window.total_seconds() if window else 100 * HOUR) + HOUR)
    late = await tell(said, number, "改到后天上门")
    if window is None:
        assert "改到后天上门" in late
        return
    assert late == ""
    reply = await said.say("进度")
    assert reply.index("改到后天上门") < reply.index(number, reply.index("上门")), (
        "first what waited, then the answer"
    )


@pytest.mark.parametrize("channel", WINDOWS)
async def test_what_waited_a_day_becomes_a_phone_call(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    number = await registered(said)
    await said.wait(seconds=WINDOWS[channel].total_seconds() + HOUR)
    assert await tell(said, number, "我们明天上门") == ""
    assert await said.wait(days=1, hours=1) == ""
    await assert_called_about(said)


@on("block")
async def test_who_blocks_us_loses_nothing(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    number = await registered(said)
    await said.phone.block()
    assert await tell(said, number, "我们明天上门") == ""
    last = (await installation.timeline(said.phone)).outgoing[-1]
    installation.clock.advance(minutes=10)
    await said.phone.unblock()
    shown = await said.wait()
    if last.state == "held":
        assert "我们明天上门" in shown
    else:
        await assert_called_about(said)


async def assert_called_about(said: Talk) -> None:
    """The last message is a dead letter, and staff are told to call."""
    last = [row for row in (await said.installation.timeline(said.phone)).outgoing if row.kind == "notice"][
        -1
    ]
    assert last.state == "dead"
    async with said.installation.parts.database.work() as work:
        calls = [alert.outgoing_id for alert in await alerts.open_alerts(work) if alert.kind == "phone"]
    assert last.id in calls


@on("text")
async def test_an_officers_picture(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    officer = await with_officer(said)
    content = picture()
    opened = await installation.opened(said.phone)
    sha256 = await installation.parts.files.put(content)
    async with installation.parts.database.work() as work:
        attachment_id = await attachments.add_stored(
            work,
            opened.conversation_id,
            kind="image",
            mime="image/jpeg",
            size=len(content),
            sha256=sha256,
            name="流程.jpg",
        )
        assert await chat_desk.say(work, opened.conversation_id, officer, "请看这张", attachment_id)
        await work.commit()
    shown = await said.wait()
    assert "请看这张" in shown
    if said.phone.capabilities.images:
        assert [one.picture[:2] for one in said.phone.screen if one.picture] == [content[:2]]
    else:
        address = shown.rpartition(f"{text('chat.picture_behind_link')}\n")[2].split()[0]
        assert address.startswith("https://chat.example.test/p/")


@on("text")
async def test_a_survey_is_answered_once(installation: Installation, channel: str) -> None:
    said = await talk(installation, channel)
    number = await registered(said)
    await installation.act(number, Action.ACCEPT)
    await installation.act(number, Action.ASSIGN, unit="zhujian")
    await installation.act(number, Action.RESOLVE, text="已退钱")
    shown = await said.wait(days=1)
    assert "5 非常满意" in shown and "1 非常不满意" in shown
    survey = said.phone.screen[-1]
    if survey.choices:
        best = survey.choices[0]
        assert "谢谢" in await said.send(said.phone.tapped(best, survey))
        await said.send(said.phone.tapped(best, survey))
    else:
        assert "谢谢" in await said.say("5")
        await said.say("5")
    [case] = await installation.cases(said.phone)
    assert (case.status.value, case.round) == ("closed", 1)
    ratings = await installation.execute(
        "select count(*) from case_events where case_id = :id and action = 'rate'", id=case.id
    )
    assert ratings[0][0] == 1
