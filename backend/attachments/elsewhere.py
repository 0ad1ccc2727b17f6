"""Files on a host of their own (`FILES_URL`): signed links that live for minutes, where no cookie is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.attachments import service as attachments
from backend.attachments.serving import FORMS, Form, served
from backend.attachments.store import FileStore
from backend.db.database import Database
from backend.secret_key import secret_key
from backend.settings import Settings

LIVES = timedelta(minutes=30)
"""Long enough to listen to a recording and to go back in it."""
PATH = "/files/"


class FileLinks:
    """Makes and reads the links; whoever is given one has passed the door of the application."""

    def __init__(self, key: str, files_url: str) -> None:
        """`key` signs; `files_url` is the address of the other host."""
        parts = urlsplit(files_url)
        self.host = parts.netloc.lower()
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._base = files_url.rstrip("/")
        self._signer = URLSafeTimedSerializer(key, salt="files")

    def to(self, attachment_id: int, form: Form) -> Response:
        """Send the browser there; nobody keeps the way."""
        address = f"{self._base}{PATH}{self._signer.dumps([attachment_id, form])}"
        return RedirectResponse(address, 302, headers={"Cache-Control": "no-store"})

    def read(self, token: str) -> tuple[int, Form] | None:
        """What a link leads to; None for one that is forged or has lived."""
        try:
            attachment_id, form = self._signer.loads(token, max_age=int(LIVES.total_seconds()))
        except (BadData, TypeError, ValueError):
            return None
        known = isinstance(attachment_id, int) and form in FORMS
        return (attachment_id, cast("Form", form)) if known else None


def file_links(settings: Settings) -> FileLinks | None:
    """The links of an installation; None where files are served by the application itself."""
    return FileLinks(secret_key(settings), settings.files_url) if settings.files_url else None


def router(links: FileLinks, database: Database, files: FileStore) -> APIRouter:
    """What the other host answers; the application's own hosts know nothing of it."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PATH + "{token}")
    async def file(request: Request, token: str) -> Response:
        wanted = links.read(token) if request.headers.get("host", "").lower() == links.host else None
        answer = None
        if wanted is not None:
            attachment_id, form = wanted
            async with database.work() as work:
                found = await attachments.find(work, attachment_id)
            answer = served(files, found, form, shared=True) if found else None
        return answer or PlainTextResponse("not found", 404, headers={"Cache-Control": "no-store"})

    return routes


class AllowFilesHost:
    """Lets the application's pages show pictures and play recordings from the other host."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        """Made by Starlette; `origin` is the other host's."""
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the host to what a page's policy allows."""

        async def with_host(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("content-security-policy", "")
                for kind in ("img-src", "media-src"):
                    policy = policy.replace(f"{kind} 'self'", f"{kind} 'self' {self._origin}")
                if policy:
                    headers["content-security-policy"] = policy
            await send(message)

        await self._app(scope, receive, with_host if scope["type"] == "http" else send)
