"""Log in, log out, choose a password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.organisation.accounts import authenticate, canonical, change_password, rename
from backend.organisation.passwords import MIN_LENGTH, WeakPassword
from backend.organisation.sessions import end_session, open_session
from backend.organisation.throttle import RETRY_AFTER
from backend.parts import Parts, StaffParts, address_of
from backend.workbench.doorway import CHECKED, Known, cookie_name, give_cookie, session_of, take_cookie
from backend.workbench.rendering import render

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=300)]
Name = Annotated[str, Form(max_length=40)]


@router.get("/login")
async def login_page(request: Request, parts: Parts) -> Response:
    """The form; somebody who is logged in goes on."""
    if await session_of(request, parts) is not None:
        return RedirectResponse("/", 303)
    return _login(parts)


@router.post("/login")
async def login(request: Request, parts: Parts, username: Field = "", password: Field = "") -> Response:
    """Start a session, always a new one."""
    name, address = canonical(username), address_of(request)
    if not await parts.throttle.admit(name, address):
        refused = _login(parts, username, "尝试次数太多，请过十分钟再试。", 429)
        refused.headers["Retry-After"] = str(RETRY_AFTER)
        return refused
    async with parts.database.work() as work:
        member = await authenticate(work, username, password)
        if member is None:
            await parts.throttle.failed(address)
            return _login(parts, username, "用户名或密码不对。", 401)
        session = await open_session(work, member.id)
        await work.commit()
    await parts.throttle.succeeded(name)
    response = RedirectResponse("/password" if member.must_change_password else "/", 303)
    give_cookie(response, parts.settings, session)
    return response


@router.post("/logout", dependencies=CHECKED)
async def logout(request: Request, parts: Parts) -> Response:
    """End this session."""
    async with parts.database.work() as work:
        await end_session(work, request.cookies[cookie_name(parts.settings)])
        await work.commit()
    response = RedirectResponse("/login", 303)
    take_cookie(response, parts.settings)
    return response


@router.get("/password")
async def password_page(parts: Parts, session: Known) -> Response:
    """The form to choose a password."""
    return _password(parts, session, "")


@router.post("/password", dependencies=CHECKED)
async def password(
    parts: Parts, session: Known, old: Field = "", new: Field = "", again: Field = "", name: Name = ""
) -> Response:
    """Change one's own password: every session ends but this one, which is made anew.

    Who has no name yet gives one: residents read it.
    """
    called = "".join(character for character in name if character.isprintable()).strip()
    if new != again:
        return _password(parts, session, "两次输入的新密码不一样。", called)
    if new == old:
        return _password(parts, session, "新密码要和原来的不一样。", called)
    if session.member.unnamed and called in {"", session.member.name}:
        return _password(parts, session, "请填写您的姓名。", called)
    async with parts.database.work() as work:
        try:
            if not await change_password(work, session.member, old, new):
                return _password(parts, session, "原密码不对。", called)
        except WeakPassword:
            problem = f"新密码至少{MIN_LENGTH}个字符，不能和用户名相同，也不能太常见（如1234567890）。"
            return _password(parts, session, problem, called)
        if session.member.unnamed:
            await rename(work, session.member.id, called)
        fresh = await open_session(work, session.member.id)
        await work.commit()
    response = RedirectResponse("/?done=password", 303)
    give_cookie(response, parts.settings, fresh)
    return response


def _login(parts: StaffParts, username: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    words = render("login.html", centre=parts.settings.centre_name, username=username, problem=problem)
    return HTMLResponse(words, status)


def _password(parts: StaffParts, session: Known, problem: str, name: str = "") -> HTMLResponse:
    words = render(
        "password.html",
        centre=parts.settings.centre_name,
        me=session.member,
        csrf=session.csrf,
        problem=problem,
        typed_name=name,
        min_length=MIN_LENGTH,
    )
    return HTMLResponse(words, 422 if problem else 200)
