"""The addresses of the signed links: `/c/…` shows a case's progress, `/s/…` its survey."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.db.database import DatabaseUnavailable
from bot.channel import Listening
from bot.pages.headers import PAGE_HEADERS
from bot.pages.links import LinkError, LinkExpired, Links, ProgressLink, SurveyLink
from bot.pages.rendering import Pages
from bot.pages.survey import read_survey
from handlers import links as cases

BODY_LIMIT = 64 * 1024
REASON_LIMIT = 2000
RETRY_AFTER = 60
"""Seconds, for whoever opens a link while the database is away."""


def router(listening: Listening) -> APIRouter:
    """All routes of the signed links."""
    parts, settings = listening.parts, listening.settings
    links = Links(listening.secret_key, settings.public_url)
    pages = Pages(settings.centre_name, REASON_LIMIT)
    routes = APIRouter(include_in_schema=False)

    @routes.get("/c/{token}")
    async def show_progress(token: str) -> Response:
        try:
            link = links.read_progress(token)
            progress = await cases.progress(parts, link.case_id, link.resident_id)
        except LinkError as error:
            return _gone(pages, error)
        except DatabaseUnavailable:
            return _unavailable(pages)
        if progress is None:
            return _gone(pages, LinkError())
        return _page(pages.progress(progress))

    @routes.get("/s/{token}")
    async def show_survey(token: str, said: str = "") -> Response:
        try:
            link = links.read_survey(token)
            survey = await read_survey(parts, link)
        except LinkError as error:
            return _gone(pages, error)
        except DatabaseUnavailable:
            return _unavailable(pages)
        if survey is None:
            return _gone(pages, LinkError())
        return _page(pages.survey(survey, said=said, progress=_progress_of(links, link)))

    @routes.post("/s/{token}", max_body_size=BODY_LIMIT)
    async def answer_survey(
        token: str, rating: Annotated[str, Form()] = "", reason: Annotated[str | None, Form()] = None
    ) -> Response:
        said = ""
        try:
            link = links.read_survey(token)
            if rating in {"1", "2", "3", "4", "5"}:
                await cases.rate(parts, link.case_id, link.resident_id, link.round, int(rating))
            elif reason is not None:
                said = await _give_reason(link, reason)
        except LinkError as error:
            return _gone(pages, error)
        except DatabaseUnavailable:
            return _unavailable(pages)
        return RedirectResponse(f"/s/{token}{said}", 303, headers=PAGE_HEADERS)

    async def _give_reason(link: SurveyLink, reason: str) -> str:
        words = reason.replace("\0", "").strip()[:REASON_LIMIT]
        if not words:
            return "?said=nothing"
        survey = await read_survey(parts, link)
        if survey is None or survey.state != "reopened":
            return ""
        kept = await cases.rate_reason(parts, link.case_id, link.resident_id, words)
        return "?said=reason" if kept else ""

    return routes


def _progress_of(links: Links, link: SurveyLink) -> str:
    return links.progress(ProgressLink(link.case_id, link.resident_id))


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=PAGE_HEADERS)


def _gone(pages: Pages, error: LinkError) -> HTMLResponse:
    expired = isinstance(error, LinkExpired)
    return _page(pages.gone(expired=expired), 410 if expired else 404)


def _unavailable(pages: Pages) -> HTMLResponse:
    return HTMLResponse(pages.unavailable(), 503, headers=PAGE_HEADERS | {"Retry-After": str(RETRY_AFTER)})
