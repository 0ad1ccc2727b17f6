"""`/api/units` and `/api/statistics`."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from backend.api.models import StatisticsOut, UnitOut
from backend.api.security import Caller
from backend.cases import desk
from backend.organisation.units import list_units
from backend.parts import Parts
from backend.statistics.figures import figures

router = APIRouter(prefix="/api", tags=["overview"])


@router.get("/units", summary="List the units (单位)")
async def units(parts: Parts, caller: Caller) -> list[UnitOut]:
    """All active units, the centre first."""
    async with parts.database.work() as work:
        found = await list_units(work)
    return [UnitOut(code=unit.code, name=unit.name, is_centre=unit.is_centre) for unit in found]


@router.get("/statistics", summary="Figures over the cases (统计)")
async def statistics(parts: Parts, caller: Caller) -> StatisticsOut:
    """Counts, deadlines kept and satisfaction, over the cases that you may see."""
    async with parts.database.work() as work:
        return StatisticsOut(**asdict(await figures(work, desk.actor_of(caller))))
