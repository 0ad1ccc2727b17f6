"""The language that a resident chose, or that theirs was taken for."""

from __future__ import annotations

from sqlalchemy import update

from backend.conversations.tables import ResidentRow
from backend.db.work import Work


async def choose(work: Work, resident_id: int, language: str) -> None:
    """From now on this resident is spoken to in `language`, a name of the texts."""
    await work.session.execute(
        update(ResidentRow).where(ResidentRow.id == resident_id).values(language=language)
    )
