"""Table of the downloads of training candidates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model


class CandidateDownloadRow(Model):
    """One download of candidates (候选语料): who took how many away, and when."""

    __tablename__ = "candidate_downloads"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    form: Mapped[str]
    """jsonl or yaml."""
    candidates: Mapped[int]
    """How many it held."""
    left_out: Mapped[int]
    """How many were too doubtful to be in it."""
    at: Mapped[datetime]
