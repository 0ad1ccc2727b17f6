"""Residents' listeners: each says that it is there, so that what one carried when it died is sent anyway.

A reply is taken by the commit that writes it, for the response that waits (decision 0021). Whose response
that is, the connection says (`application_name`): the database notes it without being told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from backend.conversations.outbox import PASSIVE_FOR, enqueue
from backend.conversations.tables import IncomingRow, ListenerRow, OutgoingRow
from backend.db.work import Work

SIGN_EVERY = timedelta(seconds=2)

LOST_AFTER = PASSIVE_FOR
"""Without a sign for so long a listener is dead; by then a channel that asks again has done so elsewhere."""

ON_ITS_WAY = timedelta(seconds=5)
"""A response that takes longer nobody reads: WeChat hangs up."""

TOO_OLD = timedelta(days=1)
"""What was carried before that is left as it is: a restored backup knows listeners of its time."""

_WRITTEN_BEFORE = timedelta(minutes=1)
"""A reply is written at most so long before it is carried."""


async def sign(work: Work, name: str) -> None:
    """A listener is there."""
    await work.session.execute(
        insert(ListenerRow)
        .values(name=name, seen_at=work.now)
        .on_conflict_do_update(index_elements=["name"], set_={"seen_at": work.now})
    )


async def sign_off(work: Work, name: str) -> None:
    """It ends, and all its responses have left."""
    await work.session.execute(delete(ListenerRow).where(ListenerRow.name == name))


async def take_back(work: Work) -> int:
    """Push the replies that listeners took along when they died; how many.

    Some of them arrived: a reply said twice harms nobody, silence does. Whoever wrote since needs none.
    """
    lost = await work.session.execute(
        delete(ListenerRow)
        .where(ListenerRow.seen_at <= work.now - LOST_AFTER)
        .returning(ListenerRow.name, ListenerRow.seen_at)
    )
    number = 0
    for name, seen_at in lost.all():
        if seen_at > work.now - TOO_OLD:
            number += await _push(work, name, seen_at - ON_ITS_WAY)
    return number


async def _push(work: Work, name: str, since: datetime) -> int:
    later = aliased(IncomingRow)
    rows = await work.session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.carried_by == name,
            OutgoingRow.created_at >= since - _WRITTEN_BEFORE,
            OutgoingRow.sent_at >= since,
            OutgoingRow.state == "sent",
            OutgoingRow.way == "passive",
            ~exists().where(
                later.conversation_id == OutgoingRow.conversation_id, later.id > OutgoingRow.reply_to
            ),
        )
        .values(state="queued", way=None, due_at=None, reason="listener_died")
        .returning(OutgoingRow.id, OutgoingRow.conversation_id)
        .execution_options(synchronize_session=False)
    )
    found = sorted(rows.all(), key=lambda row: row.id)
    for row in found:
        await enqueue(work, row.conversation_id, row.id)
    return len(found)
