"""Who writes in the web chat: a device, known by a signed cookie; new ones are counted per address."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, Signer
from limits import RateLimitItemPerHour
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "device"
COOKIE_AGE = timedelta(days=400)
"""The longest that browsers keep a cookie; every visit starts it anew."""


class Devices:
    """Reads and writes the cookie that names a device: 32 random bytes and their signature."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        """`secure`: the cookie travels over HTTPS only."""
        self._signer = Signer(
            secret, salt="webchat.device", key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._secure = secure

    def read(self, request: Request) -> str | None:
        """The user id of the device that asks; None without a cookie of ours."""
        try:
            return self._signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except (BadSignature, UnicodeError):
            return None

    @staticmethod
    def new() -> str:
        """A user id for a new device."""
        return secrets.token_urlsafe(32)

    def remember(self, response: Response, user_id: str) -> None:
        """Set the cookie on a response."""
        response.set_cookie(
            COOKIE,
            self._signer.sign(user_id).decode(),
            max_age=int(COOKIE_AGE.total_seconds()),
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )


def fingerprint(user_id: str) -> str:
    """A short name by which a page notices that it talks as another device than before."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]


def network(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 line gets."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class NewDevices:
    """How many new devices one address may make per hour, counted in this process: a coarse guard."""

    RETRY_AFTER = 60
    """Seconds until a refused page asks again."""

    def __init__(self, per_hour: int) -> None:
        """A whole village may share one address: `per_hour` is large."""
        self._item = RateLimitItemPerHour(per_hour)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def allows(self, request: Request) -> bool:
        """Whether this request may become a new device; counts it."""
        host = request.client.host if request.client else ""
        return await self._limiter.hit(self._item, "new_device", network(host))
