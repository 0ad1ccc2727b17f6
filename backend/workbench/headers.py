"""Response headers of the staff side: what a page may load, and that nobody keeps a copy."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For a file that somebody sent: whatever it contains, a browser runs nothing of it."""

_EVERYWHERE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
}
_FILES = ("/static/", "/assets/")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SecureHeaders:
    """Adds the headers to every answer, and refuses what another site's page sends."""

    def __init__(self, app: ASGIApp) -> None:
        """Made by Starlette."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to a form from elsewhere; otherwise pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _EVERYWHERE.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if path.startswith(_FILES) else "no-store")
            await send(message)

        if scope["method"] not in _SAFE and not is_same_origin(Headers(scope=scope)):
            refusal = PlainTextResponse("cross-site request", 403)
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def is_same_origin(headers: Headers) -> bool:
    """True unless the browser says that another site sent this (a program says nothing).

    `Sec-Fetch-Site` decides where it is present; older browsers send `Origin`. The order is that of Go's
    `CrossOriginProtection`.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
