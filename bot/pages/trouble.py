"""What came to nothing on the residents' listener: a kind page for a browser, JSON for a program."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from bot.browser_language import page_language
from bot.pages.headers import DATA_HEADERS, PAGE_HEADERS
from bot.pages.rendering import Pages


def install(app: FastAPI, pages: Pages) -> None:
    """Answer every refusal and every fault of the app's routes."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not _is_browser(request):
            return await http_exception_handler(request, error)
        status = error.status_code
        which = "missing" if status == 404 else "failed" if status >= 500 else "refused"
        return _page(pages, request, which, status, error.headers)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if not _is_browser(request):
            return await request_validation_exception_handler(request, error)
        return _page(pages, request, "refused", 422)

    async def failed(request: Request, _error: Exception) -> Response:
        if _is_browser(request):
            return _page(pages, request, "failed", 500)
        return JSONResponse({"detail": "Internal Server Error"}, 500, headers=DATA_HEADERS)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Exception, failed)


def _is_browser(request: Request) -> bool:
    """A window that a person looks at names HTML; scripts and other programs do not."""
    return "text/html" in request.headers.get("accept", "").lower()


def _page(
    pages: Pages, request: Request, which: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    html = pages.trouble(page_language(request), which)
    return HTMLResponse(html, status, headers={**(headers or {}), **PAGE_HEADERS})
