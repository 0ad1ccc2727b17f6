"""Regions (辖区) by their code: what a QR code or a link of a community names."""

from __future__ import annotations

from sqlalchemy import select

from backend.db.work import Work
from backend.organisation.tables import RegionRow

DEEPEST = 6
"""区, 街道, 社区, 网格 and some more: further up nobody looks."""


async def place_name(work: Work, code: str) -> str:
    """The region with this code as a place in its district (城关街道朝阳社区), empty when there is none."""
    names: list[str] = []
    row = await work.session.scalar(select(RegionRow).where(RegionRow.code == code))
    while row is not None and len(names) < DEEPEST:
        parent = await work.session.get(RegionRow, row.parent_id) if row.parent_id is not None else None
        if parent is not None or not names:
            names.insert(0, row.name)
        row = parent
    return "".join(names)
