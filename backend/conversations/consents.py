"""What residents allowed a channel to send later: one notice of a kind for each consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.conversations import entry
from backend.conversations.tables import ConsentRow
from backend.conversations.views import Sender
from backend.db.work import Work


async def resident(work: Work, sender: Sender) -> int:
    """The resident's id; somebody who consented before they ever wrote is entered."""
    return (await entry.lock(work, sender)).resident_id


async def left(work: Work, resident_id: int, template_ids: Sequence[str]) -> Mapping[str, int]:
    """How many notices of each kind are allowed; what was never asked for is left out."""
    rows = await work.session.execute(
        select(ConsentRow.template_id, ConsentRow.left).where(
            ConsentRow.resident_id == resident_id, ConsentRow.template_id.in_(template_ids)
        )
    )
    return {row.template_id: row.left for row in rows}


async def given(work: Work, resident_id: int, template_id: str, at: datetime) -> None:
    """The resident allowed one more; the same answer told twice counts once."""
    await _answered(work, resident_id, template_id, at, left=ConsentRow.left + 1, first=1)


async def refused(work: Work, resident_id: int, template_id: str, at: datetime) -> None:
    """The resident allows none of this kind any more."""
    await _answered(work, resident_id, template_id, at, left=0, first=0)


async def use(work: Work, resident_id: int, template_id: str, by: int) -> bool:
    """Take one consent, or with -1 give one back; False when there is none."""
    row = (
        await work.session.execute(
            update(ConsentRow)
            .where(
                ConsentRow.resident_id == resident_id,
                ConsentRow.template_id == template_id,
                ConsentRow.left >= by,
            )
            .values(left=ConsentRow.left - by)
            .returning(ConsentRow.left)
        )
    ).one_or_none()
    return row is not None


async def _answered(
    work: Work, resident_id: int, template_id: str, at: datetime, *, left: object, first: int
) -> None:
    refused_at = at if first == 0 else None
    later = ConsentRow.updated_at < at
    await work.session.execute(
        insert(ConsentRow)
        .values(
            resident_id=resident_id,
            template_id=template_id,
            left=first,
            refused_at=refused_at,
            updated_at=at,
        )
        .on_conflict_do_update(
            index_elements=["resident_id", "template_id"],
            set_={
                "left": case((later, left), else_=ConsentRow.left),
                "refused_at": case((later, refused_at), else_=ConsentRow.refused_at),
                "updated_at": func.greatest(ConsentRow.updated_at, at),
            },
        )
    )
