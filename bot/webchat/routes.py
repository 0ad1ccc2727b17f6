"""The web chat's addresses: the page, posting, history, events, and a resident's own files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from bot.channel import Listening
from bot.pages.headers import DATA_HEADERS, FILE_HEADERS, PAGE_HEADERS
from bot.webchat.assets import mount_assets
from bot.webchat.channel import NAME, WebChannel
from bot.webchat.devices import Devices, NewDevices, fingerprint
from bot.webchat.origin import is_same_origin
from bot.webchat.page import ChatPage
from bot.webchat.posts import TEXT_LIMIT, Refused, read_post
from bot.webchat.stream import events
from bot.webchat.views import from_reply, from_timeline
from dialogs.texts import text
from handlers.incoming import claim, handle
from handlers.timeline import attachment, history

TRY_AGAIN_AFTER = 2
"""Seconds, for the page's next try while the database is away."""


def router(listening: Listening, channel: WebChannel) -> APIRouter:
    """All routes of the web chat."""
    settings, parts = listening.settings, listening.parts
    devices = Devices(listening.secret_key, secure=settings.secure_cookies)
    new_devices = NewDevices(settings.webchat_new_devices)
    page = ChatPage(settings.centre_name, TEXT_LIMIT)
    routes = APIRouter(include_in_schema=False)
    mount_assets(routes)

    def own(request: Request) -> Sender:
        user_id = devices.read(request)
        if user_id is None:
            raise HTTPException(401, headers=DATA_HEADERS)
        return Sender(NAME, user_id)

    Own = Annotated[Sender, Depends(own)]  # noqa: N806

    @routes.get("/")
    async def show_page(request: Request) -> Response:
        response = HTMLResponse(page.html(), headers=PAGE_HEADERS)
        user_id = devices.read(request)
        if user_id is None and await new_devices.allows(request):
            user_id = devices.new()
        if user_id is not None:
            devices.remember(response, user_id)
        return response

    @routes.post("/chat/messages")
    async def post_message(request: Request) -> Response:
        if not is_same_origin(request, settings.public_url):
            return _refusal(Refused(403, "page.error.elsewhere"))
        user_id = devices.read(request)
        is_new = user_id is None
        if is_new and not await new_devices.allows(request):
            return _refusal(Refused(429, "page.error.too_many"), NewDevices.RETRY_AFTER)
        sender = Sender(NAME, user_id or devices.new())
        try:
            message = await read_post(
                request, sender, parts.database.clock(), settings.attachment_max_bytes
            )
            handled = await handle(parts, message)
            replies = await claim(parts, handled, channel.capabilities)
        except Refused as refused:
            return _refusal(refused)
        except DatabaseUnavailable:
            return _refusal(Refused(503, "page.error.unavailable"), TRY_AGAIN_AFTER)
        answer = {
            "id": handled.incoming_id,
            "device": fingerprint(sender.user_id),
            "messages": [from_reply(reply, message.at) for reply in replies],
        }
        response = JSONResponse(answer, headers=DATA_HEADERS)
        if is_new:
            devices.remember(response, sender.user_id)
        return response

    @routes.get("/chat/history")
    async def show_history(request: Request) -> Response:
        user_id = devices.read(request)
        if user_id is None:
            return JSONResponse({"items": [], "device": "", "mode": "bot"}, headers=DATA_HEADERS)
        try:
            found = await history(parts, Sender(NAME, user_id))
        except DatabaseUnavailable:
            return _refusal(Refused(503, "page.error.unavailable"), TRY_AGAIN_AFTER)
        answer = {
            "items": [from_timeline(item) for item in found.items] if found else [],
            "device": fingerprint(user_id),
            "mode": found.mode if found else "bot",
        }
        return JSONResponse(answer, headers=DATA_HEADERS)

    @routes.get("/chat/events", response_class=EventSourceResponse)
    async def show_events(
        sender: Own, last_event_id: Annotated[str, Header()] = ""
    ) -> AsyncIterator[ServerSentEvent]:
        after = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 19 else 0
        async for event in events(parts, listening.live, sender, after):
            yield event

    @routes.get("/chat/attachments/{attachment_id}")
    async def show_attachment(sender: Own, attachment_id: int) -> Response:
        try:
            found = await attachment(parts, sender, attachment_id)
        except DatabaseUnavailable:
            return _refusal(Refused(503, "page.error.unavailable"), TRY_AGAIN_AFTER)
        if found is None:
            raise HTTPException(404, headers=DATA_HEADERS)
        content, mime = found
        shown = "inline" if mime.startswith(("image/", "audio/", "video/")) else "attachment"
        disposition = {"Content-Disposition": f'{shown}; filename="{attachment_id}"'}
        return Response(content, media_type=mime, headers=FILE_HEADERS | disposition)

    return routes


def _refusal(refused: Refused, retry_after: int | None = None) -> JSONResponse:
    answer = {"error": refused.key.rpartition(".")[2], "message": text(refused.key, refused.params)}
    retry = {"Retry-After": str(retry_after)} if retry_after else {}
    return JSONResponse(answer, refused.status, headers=DATA_HEADERS | retry)
