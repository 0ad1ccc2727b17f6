"""How far a resident may still be written to first: counted from their last contact, which ends all of it.

Only what is counted is kept here; how much is allowed for how long is the channel's rule. The resident's side
needs no book of its own: their messages are rows already, so receiving one costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, cast, func, update
from sqlalchemy.dialects.postgresql import JSONB

from backend.conversations.tables import StandingRow
from backend.conversations.views import Sender
from backend.db.work import Work

CLOCKS_APART = timedelta(seconds=2)
"""How far a channel's clock, which counts whole seconds, may be from ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was sent to a resident first since they wrote, and since they followed, scanned or clicked."""

    resident_id: int
    conversation_id: int
    wrote_id: int | None
    wrote_at: datetime | None
    touched_id: int | None
    touched_at: datetime | None
    since_wrote: int
    since_touched: int
    closed: Mapping[str, str]
    """Way → why it is of no use before the next contact."""
    left: bool


_LOOK = """
with contact as (
    select r.id as resident_id, c.id as conversation_id,
        max(i.id) filter (where not i.touched) as wrote_id,
        max(i.at) filter (where not i.touched) as wrote_at,
        max(i.id) filter (where i.touched) as touched_id,
        max(i.at) filter (where i.touched) as touched_at
    from residents r join conversations c on c.resident_id = r.id
    left join lateral (
        -- The resident followed, scanned or clicked the fixed menu, and wrote nothing.
        select id, at, kind in ('subscribe', 'open') or kind = 'choice' and text = '' as touched
        from incoming_messages where conversation_id = c.id
    ) i on true
    where r.channel = %(channel)s and r.channel_user_id = %(user_id)s
    group by r.id, c.id
), stands as (
    insert into push_standings as s (resident_id, wrote_id, touched_id)
    select resident_id, wrote_id, touched_id from contact
    on conflict (resident_id) do update set
        wrote_id = greatest(s.wrote_id, excluded.wrote_id),
        touched_id = greatest(s.touched_id, excluded.touched_id),
        since_wrote = case when excluded.wrote_id > coalesce(s.wrote_id, 0) then 0 else s.since_wrote end,
        since_touched = case when excluded.touched_id > coalesce(s.touched_id, 0)
            then 0 else s.since_touched end,
        closed = case when excluded.wrote_id > coalesce(s.wrote_id, 0)
            or excluded.touched_id > coalesce(s.touched_id, 0) then '{}' else s.closed end,
        left_at = case when excluded.wrote_id > coalesce(s.wrote_id, 0)
            or excluded.touched_id > coalesce(s.touched_id, 0) then null else s.left_at end
    returning s.wrote_id, s.touched_id, s.since_wrote, s.since_touched, s.closed, s.left_at
)
select c.resident_id, c.conversation_id, s.wrote_id, c.wrote_at, s.touched_id, c.touched_at,
    s.since_wrote, s.since_touched, s.closed, s.left_at is not null
from contact c, stands s
"""


async def look(work: Work, sender: Sender) -> Standing | None:
    """Where a resident stands, locked until the work ends; None for somebody who never wrote."""
    row = await work.run(_LOOK, {"channel": sender.channel, "user_id": sender.user_id})
    return Standing(*row) if row else None


_COUNT = """
update push_standings set
    since_wrote = case when coalesce(wrote_id, 0) = %(wrote_id)s
        then greatest(0, since_wrote + %(wrote)s) else since_wrote end,
    since_touched = case when coalesce(touched_id, 0) = %(touched_id)s
        then greatest(0, since_touched + %(touched)s) else since_touched end
where resident_id = %(resident_id)s
"""


def count(work: Work, standing: Standing, *, wrote: int = 0, touched: int = 0) -> None:
    """Count, with the commit, messages that are about to be sent, or with a minus those that were not.

    What was counted before a contact that came meanwhile is forgotten with it.
    """
    counted = {
        "resident_id": standing.resident_id,
        "wrote_id": standing.wrote_id or 0,
        "wrote": wrote,
        "touched_id": standing.touched_id or 0,
        "touched": touched,
    }
    work.last(_COUNT, counted)


async def close(work: Work, standing: Standing, way: str, why: str) -> None:
    """A way is of no use to this resident before their next contact."""
    await work.session.execute(
        update(StandingRow)
        .where(StandingRow.resident_id == standing.resident_id, _no_newer_contact(standing))
        .values(closed=StandingRow.closed.concat(cast({way: why}, JSONB)))
    )


async def leave(work: Work, sender: Sender, at: datetime) -> Standing | None:
    """The resident turned their back on the channel; None when they came back since, or never wrote."""
    standing = await look(work, sender)
    if standing is None:
        return None
    contacts = [moment for moment in (standing.wrote_at, standing.touched_at) if moment is not None]
    if any(moment > at + CLOCKS_APART for moment in contacts):
        return None
    await _set_left(work, standing, at)
    return standing


async def mark_left(work: Work, standing: Standing) -> None:
    """The channel says that this resident has turned their back on it."""
    await _set_left(work, standing, work.now)


async def _set_left(work: Work, standing: Standing, at: datetime) -> None:
    await work.session.execute(
        update(StandingRow)
        .where(StandingRow.resident_id == standing.resident_id, _no_newer_contact(standing))
        .values(left_at=at)
    )


def _no_newer_contact(standing: Standing) -> ColumnElement[bool]:
    return and_(
        func.coalesce(StandingRow.wrote_id, 0) == (standing.wrote_id or 0),
        func.coalesce(StandingRow.touched_id, 0) == (standing.touched_id or 0),
    )
