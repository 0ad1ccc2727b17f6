"""A turn's two exchanges: what is read is what the lock protects; a lost server is noticed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import psycopg
import pytest

from backend.conversations import entry, outbox, timeline, turns
from backend.conversations.entry import Incoming
from backend.conversations.turns import Answer
from backend.conversations.views import Sender
from backend.db.database import Database, DatabaseUnavailable
from backend.db.work import Work

WHO = Sender("stage", "resident")
SAID = Answer([("welcome", {})], [{"id": "1"}], "form", None, None, "zh_CN", "您好")


def message(number: int = 1) -> Incoming:
    return Incoming(f"m{number}", "text", "您好", {"place": "x"})


async def take_turn(work: Work, number: int = 1) -> turns.Given | None:
    begun = await turns.begin(work, WHO, message(number))
    return await answer(work, begun, number)


async def answer(work: Work, begun: turns.Begun, number: int = 1, said: Answer = SAID) -> turns.Given | None:
    assert begun.incoming_id is not None
    return await turns.answer(
        work,
        begun.conversation.conversation_id,
        {"n": number},
        said,
        reply_to=begun.incoming_id,
        passive=True,
        carried_at=work.now,
    )


async def test_a_turn_is_kept_whole(database: Database) -> None:
    async with database.work() as work:
        given = await take_turn(work)
        await work.commit()
    assert given is not None
    view = given.view()
    async with database.work() as work:
        seen = await turns.peek(work, WHO)
        kept = await outbox.lock_outgoing(work, view.id)
    async with database.work() as work:
        again = await turns.begin(work, WHO, message())
    assert seen is not None and seen.prompt is not None
    assert (seen.state, seen.prompt.id, seen.prompt) == ({"n": 1}, view.id, kept)
    assert kept == view
    assert again.incoming_id is None, "it was received before"
    assert again.conversation == seen


async def test_a_unit_of_work_can_go_on_after_its_commit(database: Database) -> None:
    async with database.work() as work:
        for number in (1, 2):
            await take_turn(work, number)
            await entry.lock(work, WHO)
            await work.commit()
    async with database.work() as work:
        seen = await turns.peek(work, WHO)
    assert seen is not None and seen.state == {"n": 2}


async def test_words_are_kept_as_they_came(database: Database) -> None:
    words = "it's 100% \\ \"x\" %s '); drop table cases; -- 😀\n\t$$ $1"
    async with database.work() as work:
        begun = await turns.begin(work, WHO, Incoming(words, "text", words, {words: words}))
        said = replace(SAID, rendered=words, parts=[(words, {"x": words})])
        await answer(work, begun, said=said)
        await work.commit()
    async with database.work() as work:
        seen = await turns.peek(work, WHO)
        read = await timeline.read(work, begun.conversation.conversation_id)
    assert [(heard.text, heard.payload) for heard in read.incoming] == [(words, {words: words})]
    assert seen is not None and seen.prompt is not None
    assert (seen.prompt.rendered, seen.prompt.parts) == (words, ((words, {"x": words}),))


async def test_nobody_is_seen_before_their_first_message(database: Database) -> None:
    async with database.work() as work:
        assert await turns.peek(work, WHO) is None


async def test_first_messages_at_once_make_one_conversation(database: Database) -> None:
    async def one(number: int) -> int:
        async with database.work() as work:
            begun = await turns.begin(work, WHO, message(number))
            await work.commit()
        return begun.conversation.conversation_id

    assert len(set(await asyncio.gather(*(one(number) for number in range(5))))) == 1


async def test_who_waited_for_the_lock_reads_what_the_other_left(database: Database) -> None:
    async with database.work() as work:
        await take_turn(work, 1)
        await work.commit()
    async with database.work() as first:
        await take_turn(first, 2)

        async def second() -> turns.Begun:
            async with database.work() as work:
                return await turns.begin(work, WHO, message(3))

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.1)
        await first.commit()
    assert (await waiting).conversation.state == {"n": 2}


async def test_an_answer_that_cannot_be_written_undoes_the_turn(database: Database) -> None:
    async with database.work() as work:
        begun = await turns.begin(work, WHO, message())
        await turns.answer(
            work,
            begun.conversation.conversation_id,
            {"n": 9},
            SAID,
            reply_to=2**70,
            passive=True,
            carried_at=None,
        )
        with pytest.raises(psycopg.Error):
            await work.commit()
    async with database.work() as work:
        assert await turns.peek(work, WHO) is None
        assert (await turns.begin(work, WHO, message())).incoming_id is not None


async def test_a_result_is_known_only_when_it_is_there(database: Database) -> None:
    async with database.work() as work:
        given = await take_turn(work)
        assert given is not None
        with pytest.raises(LookupError):
            given.view()


@pytest.mark.parametrize("when", ["before", "between", "looking"])
async def test_a_lost_server_is_noticed_and_found_again(database: Database, when: str) -> None:
    async with database.work() as work:
        await turns.peek(work, WHO)
        await entry.lock(work, WHO)
        await work.commit()
    with pytest.raises(DatabaseUnavailable):
        async with database.work() as work:
            begun = await turns.begin(work, WHO, message()) if when == "between" else None
            await end_all(database)
            if when == "looking":
                await turns.peek(work, WHO)
            elif begun is not None:
                await answer(work, begun)
                await work.commit()
            else:
                await take_turn(work)
    async with database.work() as work:
        await take_turn(work)
        await work.commit()
        assert await turns.peek(work, WHO) is not None


async def test_who_is_careful_does_not_notice_a_server_that_was_started_again(database_url: str) -> None:
    database = Database(database_url, careful=True)
    assert await database.ping()
    await end_all(database)
    assert await database.ping()
    async with database.work() as work:
        await take_turn(work)
        await work.commit()
    await database.close()


async def end_all(database: Database) -> None:
    """Every other connection to this database is cut, as when the server goes down."""
    async with await psycopg.AsyncConnection.connect(database.conninfo, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


async def test_a_turn_that_was_given_up_leaves_nothing_and_a_connection_like_any_other(
    database: Database,
) -> None:
    async with database.work() as work:
        await take_turn(work)
    async with database.work() as work:
        await entry.lock(work, WHO)
    async with database.work() as work:
        assert await turns.peek(work, WHO) is None
