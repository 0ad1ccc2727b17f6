"""Who calls the JSON API: a bearer token from `POST /api/token`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

from backend.api.models import TokenOut
from backend.organisation.accounts import Member, authenticate, canonical
from backend.organisation.sessions import LASTS, find_session, open_session
from backend.organisation.throttle import RETRY_AFTER
from backend.parts import Parts, address_of

router = APIRouter(prefix="/api", tags=["token"])
_bearer = OAuth2PasswordBearer(tokenUrl="/api/token")


@router.post(
    "/token",
    summary="Log in (登录)",
    responses={
        401: {"description": "Wrong name or password"},
        429: {"description": "Too many tries; `Retry-After` says when to try again"},
    },
)
async def token(
    request: Request, parts: Parts, form: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> TokenOut:
    """Log in with a user name and a password; the token lasts twelve hours.

    A one-time password opens the API too, because a program cannot choose a new one: see
    `must_change_password`.
    """
    address = address_of(request)
    if not await parts.throttle.admit(canonical(form.username), address):
        raise HTTPException(429, "too many tries", headers={"Retry-After": str(RETRY_AFTER)})
    async with parts.database.work() as work:
        member = await authenticate(work, form.username, form.password)
        if member is None:
            await parts.throttle.failed(address)
            raise HTTPException(401, "wrong user name or password", headers={"WWW-Authenticate": "Bearer"})
        session = await open_session(work, member.id)
        await work.commit()
    await parts.throttle.succeeded(canonical(form.username))
    return TokenOut(
        access_token=session.token,
        expires_in=int(LASTS.total_seconds()),
        must_change_password=member.must_change_password,
    )


async def caller(parts: Parts, bearer: Annotated[str, Depends(_bearer)]) -> Member:
    """The member of staff whose token this is; answers 401 when it is over."""
    async with parts.database.work() as work:
        session = await find_session(work, bearer)
    if session is None:
        raise HTTPException(401, "the token is not valid", headers={"WWW-Authenticate": "Bearer"})
    return session.member


Caller = Annotated[Member, Depends(caller)]
