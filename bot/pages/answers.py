"""The signed links' answers: a page, a link that opens nothing, the database away."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from bot.pages.headers import PAGE_HEADERS
from bot.pages.links import LinkError, LinkExpired
from bot.pages.rendering import Pages

RETRY_AFTER = 60
"""Seconds, for whoever opens a link while the database is away."""


def page(html: str, status: int = 200) -> HTMLResponse:
    """A resident's page."""
    return HTMLResponse(html, status, headers=PAGE_HEADERS)


def gone(pages: Pages, error: LinkError) -> HTMLResponse:
    """For a link that is too old, or that nobody made."""
    expired = isinstance(error, LinkExpired)
    return page(pages.gone(expired=expired), 410 if expired else 404)


def unavailable(pages: Pages) -> HTMLResponse:
    """While the database is away."""
    return HTMLResponse(pages.unavailable(), 503, headers=PAGE_HEADERS | {"Retry-After": str(RETRY_AFTER)})
