"""Logins of staff: a random token for the browser or the program, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.organisation.accounts import Member, member_view
from backend.organisation.tables import StaffRow, StaffSessionRow, UnitRow

LASTS = timedelta(hours=12)
"""A working day: nobody stays logged in over night on a shared computer."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened; `token` exists only here and in the browser."""

    token: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Session:
    """A valid session: who it is, and the secret that their forms carry."""

    key: str
    member: Member
    csrf: str


async def open_session(work: Work, staff_id: int) -> NewSession:
    """Log somebody in for twelve hours, and forget sessions that are over."""
    await work.session.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at <= work.now))
    new = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(24))
    await work.session.execute(
        insert(StaffSessionRow).values(
            token_hash=_hash(new.token),
            staff_id=staff_id,
            csrf=new.csrf,
            created_at=work.now,
            expires_at=work.now + LASTS,
        )
    )
    return new


async def find_session(work: Work, token: str) -> Session | None:
    """The session of this token, if it is not over and its person is still active."""
    row = (
        await work.session.execute(
            select(StaffRow, UnitRow, StaffSessionRow.token_hash, StaffSessionRow.csrf)
            .join(UnitRow, UnitRow.id == StaffRow.unit_id)
            .join(StaffSessionRow, StaffSessionRow.staff_id == StaffRow.id)
            .where(
                StaffSessionRow.token_hash == _hash(token),
                StaffSessionRow.expires_at > work.now,
                StaffRow.active,
            )
        )
    ).one_or_none()
    return Session(row[2], member_view(row[0], row[1]), row[3]) if row else None


async def end_session(work: Work, token: str) -> None:
    """Log out."""
    await work.session.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == _hash(token)))


async def sign_of_life(work: Work, key: str) -> bool:
    """The workbench of this session is open now (在线); False when the session is over."""
    alive = (
        select(StaffSessionRow.staff_id)
        .where(StaffSessionRow.token_hash == key, StaffSessionRow.expires_at > work.now)
        .scalar_subquery()
    )
    row = (
        await work.session.execute(
            update(StaffRow)
            .where(StaffRow.id == alive, StaffRow.active)
            .values(seen_at=work.now)
            .returning(StaffRow.id)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    return row is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
