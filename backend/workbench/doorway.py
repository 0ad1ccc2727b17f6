"""Who is at the door: the session of a page's request, its role, and the secret of its forms."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Form, Header, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from backend.domain.lifecycle import Role
from backend.organisation.sessions import LASTS, NewSession, Session, find_session
from backend.parts import Parts, StaffParts
from backend.settings import Settings


class SeeOther(Exception):
    """The visitor must go elsewhere first: log in, or choose a password."""

    def __init__(self, location: str) -> None:
        """`location` is a path of this site."""
        super().__init__(location)
        self.location = location


async def see_other(request: Request, error: Exception) -> Response:
    """Send the whole page there, also when only a part of it was asked for."""
    assert isinstance(error, SeeOther)
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": error.location})
    return RedirectResponse(error.location, 303)


def cookie_name(settings: Settings) -> str:
    """With HTTPS the name itself makes browsers insist on it."""
    return "__Host-fengqiao" if settings.secure_cookies else "fengqiao"


def give_cookie(response: Response, settings: Settings, session: NewSession) -> None:
    """Let the browser keep the session's token, out of reach of scripts and other sites' forms."""
    response.set_cookie(
        cookie_name(settings),
        session.token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, settings: Settings) -> None:
    """Make the browser forget it."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


async def session_of(request: Request, parts: StaffParts) -> Session | None:
    """The session of a request, None when it has none that is valid."""
    token = request.cookies.get(cookie_name(parts.settings))
    if not token:
        return None
    async with parts.database.work() as work:
        return await find_session(work, token)


async def _known(request: Request, parts: Parts) -> Session:
    session = await session_of(request, parts)
    if session is None:
        raise SeeOther("/login")
    return session


async def _settled(session: Annotated[Session, Depends(_known)]) -> Session:
    if session.member.must_change_password:
        raise SeeOther("/password")
    return session


async def _of_centre(session: Annotated[Session, Depends(_settled)]) -> Session:
    if not session.member.of_centre:
        raise HTTPException(403)
    return session


async def _admin(session: Annotated[Session, Depends(_settled)]) -> Session:
    if session.member.role is not Role.ADMIN:
        raise HTTPException(403)
    return session


async def checked(
    session: Annotated[Session, Depends(_known)],
    csrf: Annotated[str, Form()] = "",
    x_csrf_token: Annotated[str, Header()] = "",
) -> None:
    """Refuse a form that this session's own pages did not make."""
    if not hmac.compare_digest(session.csrf.encode(), (x_csrf_token or csrf).encode("utf-8", "replace")):
        raise HTTPException(403)


Known = Annotated[Session, Depends(_known)]
"""Logged in, perhaps with a one-time password."""
Visitor = Annotated[Session, Depends(_settled)]
"""Any member of staff."""
CentreVisitor = Annotated[Session, Depends(_of_centre)]
"""One of the centre's own people."""
AdminVisitor = Annotated[Session, Depends(_admin)]
CHECKED = [Depends(checked)]
"""For every route that changes something."""
