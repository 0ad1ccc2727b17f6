"""What a centre edits about a channel, version by version: the newest counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.organisation.tables import ChannelDocumentRow


@dataclass(frozen=True)
class ChannelDocument:
    """One version."""

    version: int
    document: Mapping[str, Any]
    created_at: datetime


async def newest(work: Work, name: str) -> ChannelDocument | None:
    """The version that counts; None before there is one."""
    row = await work.session.scalar(
        select(ChannelDocumentRow)
        .where(ChannelDocumentRow.name == name)
        .order_by(ChannelDocumentRow.version.desc())
        .limit(1)
    )
    return ChannelDocument(row.version, row.document, row.created_at) if row is not None else None


async def add(work: Work, name: str, document: Mapping[str, Any], staff_id: int | None = None) -> int:
    """Add the next version; its number. The caller has checked the document."""
    following = (
        select(func.coalesce(func.max(ChannelDocumentRow.version), 0) + 1)
        .where(ChannelDocumentRow.name == name)
        .scalar_subquery()
    )
    version: int = (
        await work.session.execute(
            insert(ChannelDocumentRow)
            .values(
                name=name,
                version=following,
                document=dict(document),
                created_at=work.now,
                created_by=staff_id,
            )
            .returning(ChannelDocumentRow.version)
        )
    ).scalar_one()
    return version
