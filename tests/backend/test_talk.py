"""A message kept with what was decided on a glance: only while that stands, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from backend.conversations import entry, outbox, timeline, turns
from backend.conversations.entry import Incoming
from backend.conversations.turns import Answer, Glance, Talked
from backend.conversations.views import Sender
from backend.db.database import Database

WHO = Sender("stage", "resident")
SAID = Answer([("welcome", {})], [{"id": "1"}], "form", None, None, "zh_CN", "您好")


async def glance(database: Database) -> Glance | None:
    async with database.work() as work:
        return await turns.glance(work, WHO)


async def talk(database: Database, seen: Glance | None, number: int, privacy: str = "") -> Talked | None:
    incoming = Incoming(f"m{number}", "text", "您好", {"place": "x"})
    async with database.work() as work:
        talked = await turns.talk(
            work, WHO, seen, incoming, {"n": number}, SAID, privacy=privacy, carried_at=work.now
        )
        await work.commit()
    return talked


async def kept(database: Database) -> Sequence[str]:
    seen = await glance(database)
    if seen is None:
        return []
    async with database.work() as work:
        found = await timeline.read(work, seen.conversation.conversation_id)
    assert len(found.incoming) == len(found.outgoing)
    return [view.message_id for view in found.incoming]


async def test_a_first_message_is_kept_whole_with_its_answer(database: Database) -> None:
    talked = await talk(database, None, 1, privacy="3")
    assert talked is not None and talked.view is not None and not talked.duplicate
    seen = await glance(database)
    assert seen is not None and not seen.waits and not seen.has_cases
    conversation = seen.conversation
    assert (conversation.conversation_id, conversation.state) == (talked.conversation_id, {"n": 1})
    assert (conversation.prompt, conversation.privacy_version) == (talked.view, "3")
    assert conversation.last_message_at is not None
    async with database.work() as work:
        assert await outbox.lock_outgoing(work, talked.view.id) == talked.view
        read = await timeline.read(work, talked.conversation_id)
    assert [(heard.id, heard.text, heard.payload) for heard in read.incoming] == [
        (talked.incoming_id, "您好", {"place": "x"})
    ]


async def test_what_still_stands_is_gone_on_with(database: Database) -> None:
    for number in (1, 2, 3):
        assert await talk(database, await glance(database), number) is not None
    assert await kept(database) == ["m1", "m2", "m3"]


async def test_what_stands_no_more_keeps_nothing(database: Database) -> None:
    await talk(database, None, 1)
    stale = await glance(database)
    await talk(database, stale, 2)
    assert await talk(database, stale, 3) is None
    assert await talk(database, None, 4) is None, "somebody had written meanwhile"
    assert await kept(database) == ["m1", "m2"]


async def test_any_change_to_the_conversation_is_one(database: Database) -> None:
    await talk(database, None, 1)
    seen = await glance(database)
    assert seen is not None
    async with database.work() as work:
        conversation = await entry.lock(work, WHO)
        # The same values once more.
        await entry.save_state(work, conversation.conversation_id, conversation.state, heard=False)
        await work.commit()
    assert await talk(database, seen, 2) is None


async def test_a_message_that_was_received_before_changes_nothing(database: Database) -> None:
    first = await talk(database, None, 1)
    second = await talk(database, await glance(database), 2)
    again = await talk(database, await glance(database), 1)
    assert first and second and again and again.duplicate and again.view is None
    assert (again.conversation_id, again.incoming_id) == (first.conversation_id, first.incoming_id)
    seen = await glance(database)
    assert seen is not None and seen.conversation.state == {"n": 2}
    assert await kept(database) == ["m1", "m2"]


@pytest.mark.parametrize("changes", [True, False])
async def test_who_waits_for_the_lock_sees_what_the_other_left(database: Database, changes: bool) -> None:
    await talk(database, None, 1)
    seen = await glance(database)
    assert seen is not None
    async with database.work() as other:
        conversation = await entry.lock(other, WHO)
        await entry.save_state(other, conversation.conversation_id, {"n": 9}, heard=True)
        waiting = asyncio.create_task(talk(database, seen, 2))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        if changes:
            await other.commit()
    assert (await waiting is None) is changes
    assert await kept(database) == (["m1"] if changes else ["m1", "m2"])


async def test_of_many_at_once_one_is_kept(database: Database) -> None:
    """First messages first, then answers to the same question."""
    for seen in (None, 1):
        found = await glance(database) if seen else None
        numbers = [10 * (seen or 0) + number for number in range(8)]
        talked = await asyncio.gather(*(talk(database, found, number) for number in numbers))
        assert len([one for one in talked if one is not None]) == 1
    assert len(await kept(database)) == 2
