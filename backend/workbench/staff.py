"""Accounts of staff (人员管理), for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.db.work import Work
from backend.domain.errors import BadValue, NotFound
from backend.domain.lifecycle import ROLE_NAMES, Role
from backend.organisation import accounts
from backend.organisation.accounts import CENTRE_ROLES, STAFF_ROLES, UsernameTaken, WrongUnit
from backend.organisation.sessions import Session
from backend.organisation.units import list_units
from backend.parts import Parts, StaffParts
from backend.workbench import chat_desk
from backend.workbench.doorway import CHECKED, AdminVisitor
from backend.workbench.rendering import page

router = APIRouter(include_in_schema=False)

USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,39}$"


@router.get("/staff")
async def staff(parts: Parts, session: AdminVisitor) -> HTMLResponse:
    """Everybody, and the form for somebody new."""
    async with parts.database.work() as work:
        return await _page(parts, work, session)


@router.post("/staff", dependencies=CHECKED)
async def create(
    parts: Parts,
    session: AdminVisitor,
    username: Annotated[str, Form(pattern=USERNAME)],
    name: Annotated[str, Form(min_length=1, max_length=40)],
    role: Annotated[Role, Form()],
    unit: Annotated[str, Form(max_length=40)] = "centre",
) -> Response:
    """Add somebody; their one-time password is shown this once."""
    typed = {"username": username, "name": name, "role": role.value, "unit": unit}
    async with parts.database.work() as work:
        if role not in STAFF_ROLES:
            return await _page(parts, work, session, problem="请选择角色。", typed=typed, status=422)
        try:
            _, password = await accounts.create(
                work, username=username, name=name.replace("\0", ""), role=role, unit=unit
            )
        except UsernameTaken:
            return await _page(
                parts, work, session, problem="这个用户名已经有人用。", typed=typed, status=422
            )
        except WrongUnit:
            problem = "承办单位的人员请选择本单位。"
            if role in CENTRE_ROLES:
                problem = f"角色“{ROLE_NAMES[role]}”属于综治中心，单位请选择综治中心。"
            return await _page(parts, work, session, problem=problem, typed=typed, status=422)
        except BadValue:
            return await _page(parts, work, session, problem="请选择单位。", typed=typed, status=422)
        await work.commit()
        return await _page(parts, work, session, fresh=(accounts.canonical(username), password))


@router.post("/staff/{staff_id}/password", dependencies=CHECKED)
async def reset(parts: Parts, session: AdminVisitor, staff_id: int) -> Response:
    """A new one-time password for somebody who forgot theirs."""
    async with parts.database.work() as work:
        if staff_id == session.member.id:
            return await _page(parts, work, session, problem="自己的密码请在“修改密码”里改。", status=422)
        password = await accounts.reset_password(work, min(staff_id, 2**63 - 1))
        if password is None:
            raise NotFound(staff_id=staff_id)
        await work.commit()
        names = {member.id: member.username for member in await accounts.list_staff(work)}
        return await _page(parts, work, session, fresh=(names[staff_id], password))


@router.post("/staff/{staff_id}/active", dependencies=CHECKED)
async def set_active(
    parts: Parts, session: AdminVisitor, staff_id: int, on: Annotated[bool, Form()]
) -> Response:
    """Let somebody in, or out at once: their sessions end, their chats go back into the queue."""
    async with parts.database.work() as work:
        if staff_id == session.member.id:
            return await _page(parts, work, session, problem="不能停用自己的账号。", status=422)
        if not await accounts.set_active(work, min(staff_id, 2**63 - 1), on):
            raise NotFound(staff_id=staff_id)
        if not on:
            await chat_desk.release_all(work, staff_id, parts.settings.live_chat_wait)
        await work.commit()
    return RedirectResponse("/staff", 303)


async def _page(
    parts: StaffParts,
    work: Work,
    session: Session,
    *,
    problem: str = "",
    typed: dict[str, str] | None = None,
    fresh: tuple[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    return await page(
        parts,
        work,
        session,
        "staff.html",
        status=status,
        staff=await accounts.list_staff(work),
        units=await list_units(work),
        roles=STAFF_ROLES,
        problem=problem,
        typed=typed or {},
        fresh=fresh,
    )
