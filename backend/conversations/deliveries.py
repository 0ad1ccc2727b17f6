"""The record of handing messages over: an attempt is committed before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update

from backend.conversations.tables import AttemptRow, OutgoingRow
from backend.db.work import Work


async def begin_attempt(work: Work, outgoing_id: int, rendered: str) -> int:
    """Note that a try is about to be made, with the bytes that it sends; the attempt's id."""
    await work.session.execute(
        update(OutgoingRow)
        .where(OutgoingRow.id == outgoing_id)
        .values(state="sending", rendered=rendered, attempts=OutgoingRow.attempts + 1)
    )
    attempt = AttemptRow(outgoing_id=outgoing_id, started_at=work.now)
    work.session.add(attempt)
    await work.session.flush()
    return attempt.id


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
    await work.session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id)
        .values(
            finished_at=work.now,
            outcome=outcome,
            way=way,
            remote_id=remote_id or None,
            passed_over=list(passed_over),
        )
    )
    await work.session.execute(
        update(OutgoingRow)
        .where(OutgoingRow.id == outgoing_id, OutgoingRow.state == "sending")
        .values(
            state=state,
            reason=outcome,
            way=way,
            sent_at=work.now if state == "sent" else None,
        )
    )


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
