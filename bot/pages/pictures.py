"""`/p/…`: a picture that an officer sent, by a signed link, for whoever's channel shows none."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.attachments.elsewhere import file_links
from backend.attachments.serving import served
from backend.db.database import DatabaseUnavailable
from bot.browser_language import page_language
from bot.channel import Listening
from bot.pages.answers import gone, page, unavailable
from bot.pages.links import LinkError, LinkExpired, Links
from bot.pages.rendering import Pages
from handlers.links import Picture, picture


def add_routes(routes: APIRouter, listening: Listening, links: Links, pages: Pages) -> None:
    """Show the page around the picture, and the picture itself as files are served everywhere."""
    parts, elsewhere = listening.parts, file_links(listening.settings)

    @routes.get("/p/{token}")
    async def show_page(request: Request, token: str) -> Response:
        found = await _found(request, token)
        if isinstance(found, Response):
            return found
        return page(pages.picture(found.language, f"/p/{token}/picture"))

    @routes.get("/p/{token}/picture")
    async def show_picture(request: Request, token: str) -> Response:
        found = await _found(request, token)
        if isinstance(found, Response):
            return found
        answer = served(parts.files, found.file, "view")
        if answer is None:
            return _lost(request)
        return elsewhere.to(found.file.id, "view") if elsewhere else answer

    async def _found(request: Request, token: str) -> Picture | Response:
        """What the link opens, or the answer that says why it opens nothing."""
        try:
            link = links.read_picture(token)
            found = await picture(parts, link.outgoing_id, link.conversation_id)
        except LinkExpired:
            return _lost(request)
        except LinkError as error:
            return gone(pages, request, error)
        except DatabaseUnavailable:
            return unavailable(pages, request)
        return found or _lost(request)

    def _lost(request: Request) -> Response:
        return page(pages.picture_gone(page_language(request)), 410)
