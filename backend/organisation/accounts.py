"""Accounts of staff: who they are, how they get in, and when they no longer may."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.domain.lifecycle import ROLE_NAMES, Role
from backend.organisation.passwords import check_strength, hash_password, one_time_password, verify_password
from backend.organisation.tables import StaffRow, StaffSessionRow, UnitRow
from backend.organisation.units import unit_by_code

ADMIN = "admin"
CENTRE_ROLES = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
"""Who belongs to the centre: sees every case, answers chats and alerts."""
STAFF_ROLES = (Role.OFFICER, Role.UNIT, Role.SUPERVISOR, Role.ADMIN)


class WrongUnit(Exception):
    """A unit's people belong to their unit, all other roles to the centre."""


class UsernameTaken(Exception):
    """Somebody has this user name already."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff (工作人员)."""

    id: int
    username: str
    name: str
    role: Role
    unit_id: int
    unit_code: str
    unit_name: str
    active: bool
    must_change_password: bool
    on_duty: bool
    seen_at: datetime | None

    @property
    def of_centre(self) -> bool:
        """Whether this is one of the centre's own people."""
        return self.role in CENTRE_ROLES

    @property
    def unnamed(self) -> bool:
        """Whether residents would read the role's name in place of a person's: the first administrator."""
        return self.name == ROLE_NAMES[self.role]


async def ensure_admin(work: Work, password: str | None) -> str | None:
    """Make the user `admin` once; later calls change nothing, whatever `password` is.

    Without a password one is generated and returned, to be shown once and changed at the first login. Raises
    WeakPassword.
    """
    if await work.session.scalar(select(StaffRow.id).where(StaffRow.username == ADMIN)) is not None:
        return None
    if password:
        check_strength(password, ADMIN)
    generated = None if password else one_time_password()
    centre = select(UnitRow.id).where(UnitRow.is_centre).order_by(UnitRow.id).limit(1).scalar_subquery()
    made = await work.session.scalar(
        insert(StaffRow)
        .values(
            username=ADMIN,
            name=ROLE_NAMES[Role.ADMIN],
            password_hash=await hash_password(password or generated or ""),
            role=Role.ADMIN.value,
            unit_id=centre,
            must_change_password=generated is not None,
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(StaffRow.id)
    )
    return generated if made is not None else None


async def authenticate(work: Work, username: str, password: str) -> Member | None:
    """The active member whose name and password these are; takes equally long for every wrong answer."""
    row = (
        await work.session.execute(
            _members().where(StaffRow.username == canonical(username), StaffRow.active)
        )
    ).one_or_none()
    fits = await verify_password(row[0].password_hash if row else None, password)
    return member_view(row[0], row[1]) if row and fits else None


async def create(work: Work, *, username: str, name: str, role: Role, unit: str) -> tuple[int, str]:
    """Add a member of staff; their id and the one-time password to tell them.

    Raises UsernameTaken, BadValue for a unit that does not exist, or WrongUnit.
    """
    home = await unit_by_code(work, unit)
    if home.is_centre != (role in CENTRE_ROLES):
        raise WrongUnit
    password = one_time_password()
    made = await work.session.scalar(
        insert(StaffRow)
        .values(
            username=canonical(username),
            name=name.strip(),
            password_hash=await hash_password(password),
            role=role.value,
            unit_id=home.id,
            must_change_password=True,
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(StaffRow.id)
    )
    if made is None:
        raise UsernameTaken
    return made, password


async def change_password(work: Work, member: Member, old: str, new: str) -> bool:
    """Set a password of one's own; False when `old` is wrong. Ends all of the person's sessions.

    Raises WeakPassword.
    """
    check_strength(new, member.username)
    known = await work.session.scalar(select(StaffRow.password_hash).where(StaffRow.id == member.id))
    if not await verify_password(known, old):
        return False
    await _set_password(work, member.id, new, one_time=False)
    return True


async def rename(work: Work, staff_id: int, name: str) -> None:
    """Set the name that colleagues and residents read."""
    await work.session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(name=name))


async def reset_password(work: Work, staff_id: int) -> str | None:
    """A new one-time password for somebody who forgot theirs; None when there is no such person.

    Ends all of the person's sessions.
    """
    password = one_time_password()
    return password if await _set_password(work, staff_id, password, one_time=True) else None


async def set_active(work: Work, staff_id: int, active: bool) -> bool:
    """Let somebody in, or out at once with all their sessions; False when there is no such person."""
    row = (
        await work.session.execute(
            update(StaffRow).where(StaffRow.id == staff_id).values(active=active).returning(StaffRow.id)
        )
    ).one_or_none()
    if not active:
        await _end_sessions(work, staff_id)
    return row is not None


async def set_on_duty(work: Work, staff_id: int, on_duty: bool) -> None:
    """Whether this person takes chats while their workbench is open."""
    await work.session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(on_duty=on_duty))


async def list_staff(work: Work) -> list[Member]:
    """Everybody, those who may come in first."""
    rows = await work.session.execute(_members().order_by(StaffRow.active.desc(), StaffRow.id))
    return [member_view(row[0], row[1]) for row in rows]


def canonical(username: str) -> str:
    """A user name as it is kept: case and width do not matter."""
    plain = unicodedata.normalize("NFKC", username).strip().lower()
    return "".join(character for character in plain if character.isprintable())


def member_view(staff: StaffRow, unit: UnitRow) -> Member:
    """The frozen value of a row."""
    return Member(
        id=staff.id,
        username=staff.username,
        name=staff.name,
        role=Role(staff.role),
        unit_id=unit.id,
        unit_code=unit.code,
        unit_name=unit.name,
        active=staff.active,
        must_change_password=staff.must_change_password,
        on_duty=staff.on_duty,
        seen_at=staff.seen_at,
    )


def _members() -> Select[StaffRow, UnitRow]:
    return (
        select(StaffRow, UnitRow)
        .join(UnitRow, UnitRow.id == StaffRow.unit_id)
        .execution_options(populate_existing=True)
    )


async def _set_password(work: Work, staff_id: int, password: str, *, one_time: bool) -> bool:
    row = (
        await work.session.execute(
            update(StaffRow)
            .where(StaffRow.id == staff_id)
            .values(password_hash=await hash_password(password), must_change_password=one_time)
            .returning(StaffRow.id)
        )
    ).one_or_none()
    await _end_sessions(work, staff_id)
    return row is not None


async def _end_sessions(work: Work, staff_id: int) -> None:
    await work.session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))
