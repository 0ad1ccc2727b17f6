"""Who looked at whose phone number, and when (每次查看留痕)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from backend.db.work import Work
from backend.organisation.tables import RevealRow, StaffRow

SHOWN_FOR = timedelta(minutes=10)
"""How long one logged look keeps the numbers in a conversation readable, for the person who looked."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look at a party's phone number, or at the numbers in a conversation (then without a party)."""

    staff_name: str
    party_id: int | None
    at: datetime


async def log_reveal(work: Work, staff_id: int, case_id: int, party_id: int) -> None:
    """Note the look in the transaction that shows the number."""
    work.session.add(RevealRow(staff_id=staff_id, case_id=case_id, party_id=party_id, at=work.now))


async def log_conversation(work: Work, staff_id: int, conversation_id: int) -> None:
    """Note a look at the numbers in a conversation; they are readable for `SHOWN_FOR`."""
    work.session.add(RevealRow(staff_id=staff_id, conversation_id=conversation_id, at=work.now))


async def shows_numbers(work: Work, staff_id: int, conversation_id: int) -> bool:
    """Whether this person's look at a conversation's numbers still lasts."""
    found = await work.session.scalar(
        select(RevealRow.id)
        .where(
            RevealRow.conversation_id == conversation_id,
            RevealRow.staff_id == staff_id,
            RevealRow.at > work.now - SHOWN_FOR,
        )
        .limit(1)
    )
    return found is not None


async def of_case(work: Work, case_id: int, conversation_id: int | None = None) -> list[Reveal]:
    """All looks at a case's parties, and at the numbers in its conversation; newest first."""
    rows = await work.session.execute(
        select(StaffRow.name, RevealRow.party_id, RevealRow.at)
        .join(StaffRow, StaffRow.id == RevealRow.staff_id)
        .where(or_(RevealRow.case_id == case_id, RevealRow.conversation_id == conversation_id))
        .order_by(RevealRow.id.desc())
    )
    return [Reveal(row.name, row.party_id, row.at) for row in rows]


def masked_phone(phone: str) -> str:
    """`138****5678`; a short number keeps only its last two digits."""
    if len(phone) < 7:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
