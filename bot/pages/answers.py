"""The signed links' answers: a page, a link that opens nothing, the database away."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from bot.browser_language import page_language
from bot.pages.headers import PAGE_HEADERS
from bot.pages.links import LinkError, LinkExpired
from bot.pages.rendering import Pages

RETRY_AFTER = 60
"""Seconds, for whoever opens a link while the database is away."""


def page(html: str, status: int = 200) -> HTMLResponse:
    """A resident's page."""
    return HTMLResponse(html, status, headers=PAGE_HEADERS)


def gone(pages: Pages, request: Request, error: LinkError) -> HTMLResponse:
    """For a link that is too old, or that nobody made."""
    expired = isinstance(error, LinkExpired)
    return page(pages.gone(page_language(request), expired=expired), 410 if expired else 404)


def unavailable(pages: Pages, request: Request) -> HTMLResponse:
    """While the database is away."""
    headers = PAGE_HEADERS | {"Retry-After": str(RETRY_AFTER)}
    return HTMLResponse(pages.unavailable(page_language(request)), 503, headers=headers)
