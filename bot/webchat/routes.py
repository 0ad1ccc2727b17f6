"""The web chat's addresses: the page alone and in other sites, posts, history, events, a resident's files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from backend.attachments.elsewhere import file_links
from backend.attachments.serving import served
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from bot.browser_language import page_language
from bot.channel import Listening
from bot.pages.headers import DATA_HEADERS
from bot.webchat.assets import mount_assets
from bot.webchat.channel import NAME, WebChannel
from bot.webchat.devices import Devices, NewDevices, fingerprint
from bot.webchat.embedding import SCRIPT_HEADERS, frame_headers, is_elsewhere, let_into_frame
from bot.webchat.headers import CHAT_HEADERS
from bot.webchat.origin import is_same_origin
from bot.webchat.page import ChatPage
from bot.webchat.posts import TEXT_LIMIT, Refused, read_post
from bot.webchat.stream import events
from bot.webchat.views import AnswerJson, from_reply, from_timeline, iso
from dialogs.texts import text
from handlers.incoming import claim, handle
from handlers.timeline import attachment, history
from handlers.tongue import language_of

AttachmentId = Annotated[int, Path(ge=1, lt=2**63)]

TRY_AGAIN_AFTER = 2
"""Seconds, for the page's next try while the database is away."""


def router(listening: Listening, channel: WebChannel) -> APIRouter:
    """All routes of the web chat."""
    chat = _WebChat(listening, channel)
    routes = APIRouter(include_in_schema=False)
    mount_assets(routes)
    routes.add_api_route("/", chat.show_page, methods=["GET", "HEAD"])
    routes.add_api_route("/chat/frame", chat.show_frame)
    routes.add_api_route("/chat/embed.js", chat.show_embed_script)
    routes.add_api_route("/chat/messages", chat.post_message, methods=["POST"])
    routes.add_api_route("/chat/history", chat.show_history)
    routes.add_api_route(
        "/chat/events",
        chat.show_events,
        response_class=EventSourceResponse,
        dependencies=[Depends(chat.sender)],
    )
    routes.add_api_route("/chat/attachments/{attachment_id}", chat.show_attachment)
    return routes


class _WebChat:
    """The endpoints and what they share."""

    def __init__(self, listening: Listening, channel: WebChannel) -> None:
        settings = listening.settings
        self._parts = listening.parts
        self._live = listening.live
        self._capabilities = channel.capabilities
        self._public_url = settings.public_url
        self._file_links = file_links(settings)
        self._devices = Devices(listening.secret_key, secure=settings.secure_cookies)
        self._new_devices = NewDevices(settings.webchat_new_devices)
        self._page = ChatPage(
            settings.centre_name,
            TEXT_LIMIT,
            settings.attachment_max_bytes,
            settings.public_url,
            listens=listening.parts.speech is not None,
        )
        self._sites = frozenset(settings.embed_origins)
        self._secure = settings.secure_cookies

    def sender(self, request: Request) -> Sender:
        """Who asks; raises HTTPException 401 for a browser without our cookie."""
        user_id = self._devices.read(request)
        if user_id is None:
            raise HTTPException(401, headers=DATA_HEADERS)
        return Sender(NAME, user_id)

    async def show_page(self, request: Request) -> Response:
        """The chat; a browser that has no cookie becomes a device."""
        response = HTMLResponse(self._page.html(await self._language(request)), headers=CHAT_HEADERS)
        if request.method == "GET":
            await self._make_device(request, response)
        return response

    async def show_frame(self, request: Request, site: str = "") -> Response:
        """The chat in a frame on `site`; on one that is not in `EMBED_ORIGINS` a browser shows nothing."""
        if site not in self._sites:
            return HTMLResponse(self._page.html(), 403, headers=CHAT_HEADERS)
        response = HTMLResponse(
            self._page.html(await self._language(request), site), headers=frame_headers(site)
        )
        await self._make_device(request, response)
        if self._secure and is_elsewhere(site, self._public_url):
            let_into_frame(response)
        return response

    async def show_embed_script(self) -> Response:
        """What another site's one script tag loads."""
        return Response(self._page.embed_script(), headers=SCRIPT_HEADERS)

    async def _language(self, request: Request) -> str:
        user_id = self._devices.read(request)
        known = await language_of(self._parts, Sender(NAME, user_id)) if user_id is not None else ""
        return known or page_language(request)

    async def _make_device(self, request: Request, response: Response) -> None:
        user_id = self._devices.read(request)
        if user_id is None and await self._new_devices.allows(request):
            user_id = self._devices.new()
        if user_id is not None:
            self._devices.remember(response, user_id)

    async def post_message(self, request: Request) -> Response:
        """Take one message in and answer with the reply to it; the same id again changes nothing."""
        try:
            if not is_same_origin(request, self._public_url):
                raise Refused(403, "page.error.elsewhere")
            known = self._devices.read(request)
            if known is None and not await self._new_devices.allows(request):
                return _refusal(request, Refused(429, "page.error.too_many"), NewDevices.RETRY_AFTER)
            user_id = known or self._devices.new()
            answer = await self._take_in(request, user_id)
        except Refused as refused:
            return _refusal(request, refused)
        except DatabaseUnavailable:
            return _unavailable(request)
        response = JSONResponse(answer, headers=DATA_HEADERS)
        if known is None:
            self._devices.remember(response, user_id)
        return response

    async def _take_in(self, request: Request, user_id: str) -> AnswerJson:
        now = self._parts.database.clock()
        message = await read_post(request, Sender(NAME, user_id), now, self._parts.limits)
        handled = await handle(self._parts, message)
        replies = await claim(self._parts, handled, self._capabilities)
        return AnswerJson(
            id=handled.incoming_id,
            at=iso(now),
            device=fingerprint(user_id),
            language=text("language.tag", language=replies[-1].language) if replies else "",
            messages=[from_reply(reply, now) for reply in replies],
        )

    async def show_history(self, request: Request) -> Response:
        """The newest messages of this device's conversation, none for a new one."""
        user_id = self._devices.read(request)
        if user_id is None:
            return JSONResponse({"items": [], "device": ""}, headers=DATA_HEADERS)
        try:
            found = await history(self._parts, Sender(NAME, user_id))
        except DatabaseUnavailable:
            return _unavailable(request)
        items = [from_timeline(item) for item in found.items] if found else []
        return JSONResponse({"items": items, "device": fingerprint(user_id)}, headers=DATA_HEADERS)

    async def show_events(self, request: Request) -> AsyncIterator[ServerSentEvent]:
        """News, as it comes; the browser says which id it saw last."""
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isascii() and last.isdecimal() and len(last) < 19 else 0
        async for event in events(self._parts, self._live, self.sender(request), after):
            yield event

    async def show_attachment(self, request: Request, attachment_id: AttachmentId) -> Response:
        """A file of the resident's own conversation; for everybody else there is none."""
        try:
            found = await attachment(self._parts, self.sender(request), attachment_id)
        except DatabaseUnavailable:
            return _unavailable(request)
        answer = served(self._parts.files, found, "view") if found else None
        if found is None or answer is None:
            raise HTTPException(404, headers=DATA_HEADERS)
        return self._file_links.to(found.id, "view") if self._file_links else answer


def _refusal(request: Request, refused: Refused, retry_after: int | None = None) -> JSONResponse:
    words = text(refused.key, refused.params, page_language(request))
    answer = {"error": refused.key.rpartition(".")[2], "message": words}
    retry = {"Retry-After": str(retry_after)} if retry_after else {}
    return JSONResponse(answer, refused.status, headers=DATA_HEADERS | retry)


def _unavailable(request: Request) -> JSONResponse:
    return _refusal(request, Refused(503, "page.error.unavailable"), TRY_AGAIN_AFTER)
