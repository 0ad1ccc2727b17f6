"""Who looked at whose phone number, and when (每次查看留痕)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from backend.db.work import Work
from backend.organisation.tables import RevealRow, StaffRow


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look at a party's phone number."""

    staff_name: str
    party_id: int
    at: datetime


async def log_reveal(work: Work, staff_id: int, case_id: int, party_id: int) -> None:
    """Note the look in the transaction that shows the number."""
    work.session.add(RevealRow(staff_id=staff_id, case_id=case_id, party_id=party_id, at=work.now))


async def of_case(work: Work, case_id: int) -> list[Reveal]:
    """All looks at a case's parties, newest first."""
    rows = await work.session.execute(
        select(StaffRow.name, RevealRow.party_id, RevealRow.at)
        .join(StaffRow, StaffRow.id == RevealRow.staff_id)
        .where(RevealRow.case_id == case_id)
        .order_by(RevealRow.id.desc())
    )
    return [Reveal(row.name, row.party_id, row.at) for row in rows]


def masked_phone(phone: str) -> str:
    """`138****5678`; a short number keeps only its last two digits."""
    if len(phone) < 7:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
