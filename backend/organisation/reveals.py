"""Who looked at whose phone number, and when (每次查看留痕)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, or_, select

from backend.db.work import Work
from backend.organisation.tables import RevealRow, StaffRow

SHOWN_FOR = timedelta(minutes=10)
"""How long one logged look keeps the numbers in a text readable, for the person who looked."""

What = Literal["party", "case", "conversation"]


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look: at a party's phone number, at the numbers in what a case says, or in a conversation."""

    staff_name: str
    what: What
    party_id: int | None
    at: datetime


async def log_reveal(work: Work, staff_id: int, case_id: int, party_id: int) -> None:
    """Note the look in the transaction that shows the number."""
    work.session.add(RevealRow(staff_id=staff_id, case_id=case_id, party_id=party_id, at=work.now))


async def log_case(work: Work, staff_id: int, case_id: int, conversation_id: int | None) -> None:
    """Note a look at the numbers in what a case says; they are readable for `SHOWN_FOR`.

    With a `conversation_id` those in the conversation are too: for those who read both on one page.
    """
    row = RevealRow(staff_id=staff_id, case_id=case_id, conversation_id=conversation_id, at=work.now)
    work.session.add(row)


async def shows_case(work: Work, staff_id: int, case_id: int) -> bool:
    """Whether this person's look at the numbers in what a case says still lasts."""
    return await _lasts(work, staff_id, RevealRow.case_id == case_id, RevealRow.party_id.is_(None))


async def log_conversation(work: Work, staff_id: int, conversation_id: int) -> None:
    """Note a look at the numbers in a conversation; they are readable for `SHOWN_FOR`."""
    work.session.add(RevealRow(staff_id=staff_id, conversation_id=conversation_id, at=work.now))


async def shows_numbers(work: Work, staff_id: int, conversation_id: int) -> bool:
    """Whether this person's look at a conversation's numbers still lasts."""
    return await _lasts(work, staff_id, RevealRow.conversation_id == conversation_id)


async def of_case(work: Work, case_id: int, conversation_id: int | None = None) -> list[Reveal]:
    """All looks at a case's parties and texts, and at the numbers in its conversation; newest first."""
    rows = await work.session.execute(
        select(StaffRow.name, RevealRow.party_id, RevealRow.case_id, RevealRow.at)
        .join(StaffRow, StaffRow.id == RevealRow.staff_id)
        .where(or_(RevealRow.case_id == case_id, RevealRow.conversation_id == conversation_id))
        .order_by(RevealRow.id.desc())
    )
    return [Reveal(row.name, _what(case_id, row.case_id, row.party_id), row.party_id, row.at) for row in rows]


def _what(case_id: int, looked_at: int | None, party_id: int | None) -> What:
    if looked_at != case_id:
        return "conversation"
    return "case" if party_id is None else "party"


async def _lasts(work: Work, staff_id: int, *which: ColumnElement[bool]) -> bool:
    found = await work.session.scalar(
        select(RevealRow.id)
        .where(*which, RevealRow.staff_id == staff_id, RevealRow.at > work.now - SHOWN_FOR)
        .limit(1)
    )
    return found is not None


def masked_phone(phone: str) -> str:
    """`138****5678`; a short number keeps only its last two digits."""
    if len(phone) < 7:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
