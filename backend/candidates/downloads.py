"""Who took candidates away, and when (每次下载留痕)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from backend.candidates.tables import CandidateDownloadRow
from backend.db.work import Work
from backend.organisation.tables import StaffRow


@dataclass(frozen=True, slots=True)
class Download:
    """One download."""

    staff_name: str
    form: str
    candidates: int
    left_out: int
    at: datetime


async def log_download(work: Work, staff_id: int, form: str, candidates: int, left_out: int) -> None:
    """Note the download before the file is handed over."""
    row = CandidateDownloadRow(
        staff_id=staff_id, form=form, candidates=candidates, left_out=left_out, at=work.now
    )
    work.session.add(row)
    await work.session.flush()


async def last_download(work: Work) -> datetime | None:
    """When anybody took any away last."""
    return await work.session.scalar(select(func.max(CandidateDownloadRow.at)))


async def downloads(work: Work, limit: int = 20) -> list[Download]:
    """The latest downloads, newest first."""
    rows = await work.session.execute(
        select(CandidateDownloadRow, StaffRow.name)
        .join(StaffRow, StaffRow.id == CandidateDownloadRow.staff_id)
        .order_by(CandidateDownloadRow.id.desc())
        .limit(limit)
    )
    return [Download(name, row.form, row.candidates, row.left_out, row.at) for row, name in rows]
