"""The record of handing messages over: an attempt is committed before it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import select, update

from backend.conversations.rows import opened, outgoing
from backend.conversations.tables import AttemptRow, OutgoingRow
from backend.conversations.views import Opened, OutgoingView, Sender
from backend.db.work import Work

_LOCK = "select * from lock_delivery(%(outgoing_id)s)"
_BEGIN = """
with sending as (
    update outgoing_messages set state = 'sending', rendered = %(rendered)s, attempts = attempts + 1
    where id = %(outgoing_id)s
)
insert into delivery_attempts (outgoing_id, started_at) values (%(outgoing_id)s, %(now)s) returning id
"""
_FINISH = """
with finished as (
    update delivery_attempts set finished_at = %(now)s, outcome = %(outcome)s, way = %(way)s,
        remote_id = %(remote_id)s, passed_over = %(passed_over)s
    where id = %(attempt_id)s
)
update outgoing_messages set state = %(state)s, reason = %(outcome)s, way = %(way)s, sent_at = %(sent_at)s
where id = %(outgoing_id)s and state = 'sending'
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message with its conversation, both locked until the work ends."""

    message: OutgoingView
    conversation: Opened
    address: Sender


async def lock(work: Work, outgoing_id: int) -> Delivery | None:
    """A message that is to be handed over; None when it is gone. Before anything else is done."""
    row = await work.first(_LOCK, {"outgoing_id": outgoing_id})
    if row is None:
        return None
    user_id, message, *conversation = row
    found = opened(conversation)
    return Delivery(outgoing(message), found, Sender(found.channel, user_id))


def begin_attempt(work: Work, outgoing_id: int, rendered: str) -> Callable[[], int]:
    """Note with the commit that a try is about to be made, with the bytes that it sends.

    Returns what gives the attempt's id after the commit.
    """
    return work.last(_BEGIN, {"outgoing_id": outgoing_id, "rendered": rendered, "now": work.now})


async def finish_attempt(
    work: Work,
    attempt_id: int,
    outgoing_id: int,
    *,
    state: str,
    outcome: str,
    way: str | None = None,
    remote_id: str = "",
    passed_over: Sequence[str] = (),
) -> None:
    """Note how a try ended: `state` of the message (sent, queued, dead), `outcome` a code.

    `passed_over`: the ways that could not be taken, each with its reason; `remote_id`: see `Sent`.
    """
    ended: dict[str, Any] = {
        "attempt_id": attempt_id,
        "outgoing_id": outgoing_id,
        "state": state,
        "outcome": outcome,
        "way": way,
        "remote_id": remote_id or None,
        "passed_over": Jsonb(list(passed_over)),
        "now": work.now,
        "sent_at": work.now if state == "sent" else None,
    }
    await work.run(_FINISH, ended)


async def passed_over(work: Work, outgoing_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """For each message the ways that its last finished attempt could not take, each with its reason."""
    rows = await work.session.execute(
        select(AttemptRow.outgoing_id, AttemptRow.passed_over)
        .where(AttemptRow.outgoing_id.in_(outgoing_ids), AttemptRow.finished_at.is_not(None))
        .order_by(AttemptRow.id)
    )
    return {row.outgoing_id: tuple(row.passed_over) for row in rows}


async def hold(work: Work, outgoing_id: int, until: datetime, reason: str) -> None:
    """Put a message off until a time, with the reason for staff."""
    await work.session.execute(
        update(OutgoingRow)
        .where(OutgoingRow.id == outgoing_id)
        .values(state="held", due_at=until, reason=reason)
    )


async def mark(work: Work, outgoing_id: int, state: str, reason: str) -> None:
    """Set the state of a message that is not being sent: unknown, dead, dropped."""
    await work.session.execute(
        update(OutgoingRow).where(OutgoingRow.id == outgoing_id).values(state=state, reason=reason)
    )
