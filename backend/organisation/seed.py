"""Fill an empty database once: units, regions, first rules and menu; later starts change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.organisation.tables import ChannelDocumentRow, RegionRow, RuleVersionRow, UnitRow

_SEED = Path(__file__).parent.parent / "seed"


async def seed(work: Work) -> None:
    """Add what the seed files name and the database lacks; safe to run at every start, and at once."""
    for unit in _read("units.yml"):
        await work.session.execute(insert(UnitRow).values(**unit).on_conflict_do_nothing())
    for region in _read("regions.yml"):
        parent = select(RegionRow.id).where(RegionRow.code == region.get("parent")).scalar_subquery()
        await work.session.execute(
            insert(RegionRow)
            .values(code=region["code"], name=region["name"], parent_id=parent)
            .on_conflict_do_nothing()
        )
    await work.session.execute(
        insert(ChannelDocumentRow)
        .values(name="wechat.menu", version=1, document=_read("wechat_menu.yml"), created_at=work.now)
        .on_conflict_do_nothing()
    )
    await work.session.execute(
        insert(RuleVersionRow)
        .values(version=1, document=_read("rules.yml"), created_at=work.now)
        .on_conflict_do_nothing()
    )


def _read(name: str) -> Any:
    return yaml.safe_load((_SEED / name).read_text(encoding="utf-8"))
