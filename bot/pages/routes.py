"""The signed links: `/c/…` shows a case, `/s/…` its survey, `/u/…` takes files for it, `/p/…` shows one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backend.db.database import DatabaseUnavailable
from bot.channel import Listening
from bot.pages import pictures, uploads
from bot.pages.answers import gone, page, unavailable
from bot.pages.headers import PAGE_HEADERS
from bot.pages.links import LinkError, Links, ProgressLink, SurveyLink, UploadLink
from bot.pages.rendering import Pages
from bot.pages.survey import read_survey
from handlers import links as cases

BODY_LIMIT = 64 * 1024
REASON_LIMIT = 2000


def router(listening: Listening) -> APIRouter:
    """All routes of the signed links."""
    parts, settings = listening.parts, listening.settings
    links = Links(listening.secret_key, settings.public_url)
    pages = Pages(settings.centre_name, REASON_LIMIT)
    routes = APIRouter(include_in_schema=False)

    @routes.get("/c/{token}")
    async def show_progress(request: Request, token: str) -> Response:
        try:
            link = links.read_progress(token)
            progress = await cases.progress(parts, link.case_id, link.resident_id)
        except LinkError as error:
            return gone(pages, request, error)
        except DatabaseUnavailable:
            return unavailable(pages, request)
        if progress is None:
            return gone(pages, request, LinkError())
        more = links.upload(UploadLink(link.case_id, link.resident_id)) if progress.takes_files else ""
        return page(pages.progress(progress, upload=more))

    @routes.get("/s/{token}")
    async def show_survey(request: Request, token: str, said: str = "") -> Response:
        try:
            link = links.read_survey(token)
            survey = await read_survey(parts, link)
        except LinkError as error:
            return gone(pages, request, error)
        except DatabaseUnavailable:
            return unavailable(pages, request)
        if survey is None:
            return gone(pages, request, LinkError())
        return page(pages.survey(survey, said=said, progress=_progress_of(links, link)))

    @routes.post("/s/{token}", max_body_size=BODY_LIMIT)
    async def answer_survey(
        request: Request,
        token: str,
        rating: Annotated[str, Form()] = "",
        reason: Annotated[str | None, Form()] = None,
    ) -> Response:
        said = ""
        try:
            link = links.read_survey(token)
            if rating in {"1", "2", "3", "4", "5"}:
                await cases.rate(parts, link.case_id, link.resident_id, link.round, int(rating))
            elif reason is not None:
                said = await _give_reason(link, reason)
        except LinkError as error:
            return gone(pages, request, error)
        except DatabaseUnavailable:
            return unavailable(pages, request)
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

    uploads.add_routes(routes, listening, links, pages)
    pictures.add_routes(routes, listening, links, pages)
    return routes


def _progress_of(links: Links, link: SurveyLink) -> str:
    return links.progress(ProgressLink(link.case_id, link.resident_id))
