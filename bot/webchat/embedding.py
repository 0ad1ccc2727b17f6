"""The chat inside another site's page: which sites may, and what a browser is told about it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from bot.webchat.headers import CHAT_HEADERS

COOKIE_IN_FRAME = "; SameSite=None; Secure; Partitioned"
"""A browser keeps one cookie for each site that shows the frame (CHIPS), and sends it nowhere else."""

SCRIPT_HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=300",
}
"""Any site may load the script; only the frame asks whether the site is a known one."""


def frame_headers(site: str) -> dict[str, str]:
    """Headers of the page in a frame on `site`, an origin that is one of ours to trust."""
    headers = {name: value for name, value in CHAT_HEADERS.items() if name != "X-Frame-Options"}
    policy = headers["Content-Security-Policy"].replace("frame-ancestors 'none'", f"frame-ancestors {site}")
    return headers | {"Content-Security-Policy": policy}


def is_elsewhere(site: str, public_url: str) -> bool:
    """Whether a frame on `site` needs a cookie that crosses sites: not for another port or our own host."""
    return urlsplit(site).hostname != urlsplit(public_url).hostname


def let_into_frame(response: Response) -> None:
    """Let the cookies that a response sets live in a frame on another site.

    Browsers of our own (`http.cookies` before Python 3.14) do not know `Partitioned`.
    """
    for place, (name, value) in enumerate(response.raw_headers):
        if name == b"set-cookie":
            plain = "; ".join(
                part
                for part in value.decode("latin-1").split("; ")
                if part.partition("=")[0].lower() not in {"samesite", "secure"}
            )
            response.raw_headers[place] = (name, (plain + COOKIE_IN_FRAME).encode("latin-1"))
