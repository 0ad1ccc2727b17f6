"""The webhook's address in an installation that gets no updates there."""

from __future__ import annotations

from fastapi import APIRouter, Response

PATH = "/telegram"

OFF = "Telegram is off: TELEGRAM_TOKEN is not set"


def closed_router(reason: str = OFF) -> APIRouter:
    """The route of an installation that gets no updates here: 404 and why."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(PATH)
    async def closed() -> Response:
        return Response(reason, 404, media_type="text/plain")

    return routes
