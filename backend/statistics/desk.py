"""The counts that the workbench keeps before its reader's eyes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, func, select

from backend.cases.tables import CaseRow
from backend.conversations.tables import AlertRow, ConversationRow, IncomingRow, OutgoingRow, StashedRow
from backend.db.work import Work
from backend.domain.lifecycle import Role
from backend.organisation.accounts import Member


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """What waits for this person; a unit's people see only their cases' newest id."""

    waiting: int = 0
    """Residents who wait for an officer."""
    mine: int = 0
    """Residents who wrote last in a chat that this person has."""
    alerts: int = 0
    dead_letters: int = 0
    """Messages that did not reach a resident, and residents' that could not be worked on."""
    newest_case: int = 0
    """Id of the newest case in sight."""


async def desk_counts(work: Work, member: Member) -> DeskCounts:
    """Count now, in one question to the database."""
    newest = select(func.coalesce(func.max(CaseRow.id), 0))
    if member.role is Role.UNIT:
        newest = newest.where(CaseRow.unit_id == member.unit_id)
        return DeskCounts(newest_case=await work.session.scalar(newest) or 0)
    row = (
        await work.session.execute(
            select(
                _count(select(func.count(ConversationRow.id)).where(ConversationRow.mode == "waiting")),
                _count(_unanswered(member.id)),
                _count(select(func.count(AlertRow.id)).where(AlertRow.done_at.is_(None))),
                _count(select(func.count(OutgoingRow.id)).where(OutgoingRow.state.in_(("dead", "unknown"))))
                + _count(select(func.count(StashedRow.id)).where(StashedRow.given_up_at.is_not(None))),
                _count(newest),
            )
        )
    ).one()
    return DeskCounts(*row)


def _unanswered(staff_id: int) -> Select[int]:
    heard = (
        select(func.max(IncomingRow.id))
        .where(IncomingRow.conversation_id == ConversationRow.id)
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    said = (
        select(func.coalesce(func.max(OutgoingRow.id), 0))
        .where(OutgoingRow.conversation_id == ConversationRow.id, OutgoingRow.kind == "chat")
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    return select(func.count(ConversationRow.id)).where(
        ConversationRow.mode == "person", ConversationRow.officer_id == staff_id, heard > said
    )


def _count(query: Select[int]) -> ScalarSelect[int]:
    return query.scalar_subquery()
