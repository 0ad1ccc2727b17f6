"""Which case a resident's earlier words went into."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from backend.cases.tables import CaseRow, CaseTextRow
from backend.db.work import Work

TELLING = timedelta(days=1)
"""From a sentence to the submission of the case that it belongs to, at the most."""


async def case_of(
    work: Work, conversation_id: int, *, incoming_id: int, at: datetime, words: str
) -> int | None:
    """The case of this conversation that a message belongs to; None when that is not to be told.

    Its words were handed to a case by themselves (补充), or it came before the submission of one.
    """
    supplemented: int | None = await work.session.scalar(
        select(CaseRow.id)
        .join(CaseTextRow, CaseTextRow.case_id == CaseRow.id)
        .where(CaseRow.conversation_id == conversation_id, CaseTextRow.text == words.strip())
        .order_by(CaseTextRow.id.desc())
        .limit(1)
    )
    if supplemented is not None:
        return supplemented
    submitted: int | None = await work.session.scalar(
        select(CaseRow.id)
        .where(
            CaseRow.conversation_id == conversation_id,
            CaseRow.incoming_id >= incoming_id,
            CaseRow.created_at <= at + TELLING,
        )
        .order_by(CaseRow.incoming_id)
        .limit(1)
    )
    return submitted
