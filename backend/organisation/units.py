"""Units (单位) by code and id."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from backend.db.work import Work
from backend.domain.errors import BadValue
from backend.organisation.tables import UnitRow


@dataclass(frozen=True, slots=True)
class Unit:
    """Who acts: the centre, or a responsible unit (承办单位)."""

    id: int
    code: str
    name: str
    is_centre: bool


async def list_units(work: Work) -> list[Unit]:
    """All active units, the centre first."""
    rows = await work.session.scalars(
        select(UnitRow).where(UnitRow.active).order_by(UnitRow.is_centre.desc(), UnitRow.id)
    )
    return [_unit(row) for row in rows]


async def unit_by_code(work: Work, code: str) -> Unit:
    """The active unit with this code; raises BadValue when there is none."""
    row = await work.session.scalar(select(UnitRow).where(UnitRow.code == code, UnitRow.active))
    if row is None:
        raise BadValue(field="unit", value=code)
    return _unit(row)


def _unit(row: UnitRow) -> Unit:
    return Unit(row.id, row.code, row.name, row.is_centre)
