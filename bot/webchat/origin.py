"""Whether a request that changes something comes from our own page (against cross-site request forgery)."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

OWN_HEADER = "X-Requested-With"
"""A form on another site cannot set it; multipart requests need it, JSON is already out of a form's reach."""


def is_same_origin(request: Request, public_url: str) -> bool:
    """True unless the browser says that another site sent this.

    `Sec-Fetch-Site` decides where it is present; older browsers send `Origin`; a client without either is no
    browser and carries no one's cookie against their will (Go's `CrossOriginProtection` uses the same order).
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    netloc = urlsplit(origin).netloc.lower()
    return bool(netloc) and netloc in {request.headers.get("host", "").lower(), urlsplit(public_url).netloc}
