"""Codes on posters (社区码): one for each region, made once, printed as often as wanted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.organisation.regions import place_name
from backend.organisation.tables import RegionRow, SceneCodeRow


@dataclass(frozen=True)
class Poster:
    """A region and, once it was made, the address that its picture holds."""

    region_id: int
    scene: str
    place: str
    address: str


async def posters(work: Work, channel: str) -> list[Poster]:
    """All regions below the district with their codes, those without one included."""
    rows = await work.session.execute(
        select(RegionRow.id, RegionRow.code, SceneCodeRow.address)
        .outerjoin(SceneCodeRow, (SceneCodeRow.region_id == RegionRow.id) & (SceneCodeRow.channel == channel))
        .where(RegionRow.parent_id.is_not(None))
        .order_by(RegionRow.code)
    )
    return [
        Poster(row.id, row.code, await place_name(work, row.code), row.address or "") for row in rows.all()
    ]


async def made(work: Work, channel: str, poster: Poster, address: str) -> None:
    """Keep a code; one that another process made meanwhile stays."""
    await work.session.execute(
        insert(SceneCodeRow)
        .values(
            channel=channel,
            scene=poster.scene,
            region_id=poster.region_id,
            address=address,
            made_at=work.now,
        )
        .on_conflict_do_nothing()
    )
