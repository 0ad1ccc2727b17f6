"""`/u/…`: photos and files for a case, by a signed link, from any browser and without a script."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from backend.attachments.content_types import kind_of, sniff
from backend.attachments.limits import Limits, megabytes
from backend.db.database import DatabaseUnavailable
from bot.channel import Listening
from bot.pages.answers import gone, page, unavailable
from bot.pages.headers import PAGE_HEADERS
from bot.pages.links import LinkError, Links
from bot.pages.rendering import Pages
from handlers.messages import IncomingAttachment
from handlers.upload import upload, uploadable

FILES_AT_ONCE = 9
WORDS_LIMIT = 2000
"""Characters."""
OVERHEAD = 64 * 1024
"""Bytes that a form needs beside its files."""
DRAIN = 4
"""How many times what is allowed is still read and thrown away, so that the browser hears the answer."""

REFUSALS: dict[str, str] = {
    "too_big": "attachment.too_big",
    "unreadable": "attachment.unreadable",
    "too_many": "page.upload.too_many",
    "enough_today": "attachment.enough_today",
    "nothing": "page.upload.nothing",
    "broken": "page.upload.broken",
}
"""What the address says after a post → its words."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class _Unusable(Exception):
    """The form cannot be taken; its text is one of the refusals."""


@dataclass(frozen=True, slots=True)
class _Form:
    files: tuple[IncomingAttachment, ...]
    words: str
    too_many: bool


def add_routes(routes: APIRouter, listening: Listening, links: Links, pages: Pages) -> None:
    """Show the form, and take in what it sends."""
    parts, limits = listening.parts, listening.parts.limits

    @routes.get("/u/{token}")
    async def show_upload(request: Request, token: str, kept: int = 0, refused: str = "") -> Response:
        try:
            link = links.read_upload(token)
            found = await uploadable(parts, link.case_id, link.resident_id)
        except LinkError as error:
            return gone(pages, request, error)
        except DatabaseUnavailable:
            return unavailable(pages, request)
        if found is None:
            return gone(pages, request, LinkError())
        why = [REFUSALS[code] for code in refused.split(".") if code in REFUSALS]
        progress = links.progress(link.progress)
        return page(
            pages.upload(found, kept=kept, refused=why, progress=progress, limit=megabytes(limits.file))
        )

    @routes.post("/u/{token}")
    async def take_upload(request: Request, token: str) -> Response:
        try:
            link = links.read_upload(token)
            form = await _read(request, limits)
            done = await upload(parts, link.case_id, link.resident_id, form.files, form.words)
        except LinkError as error:
            return gone(pages, request, error)
        except _Unusable as reason:
            return _back(token, 0, [str(reason)])
        except ClientDisconnect:
            return HTMLResponse("", 400, headers=PAGE_HEADERS)
        except DatabaseUnavailable:
            return unavailable(pages, request)
        if done is None:
            return _back(token, 0, [])
        why = [say.key.rpartition(".")[2] for say in done.refusals]
        return _back(token, done.kept, [*why, *(["too_many"] if form.too_many else [])])


def _back(token: str, kept: int, refused: list[str]) -> RedirectResponse:
    """To the form again, so that a reload sends nothing twice."""
    why = ".".join(dict.fromkeys(refused))
    return RedirectResponse(f"/u/{token}?kept={kept}&refused={why}", 303, headers=PAGE_HEADERS)


async def _read(request: Request, limits: Limits) -> _Form:
    """The form; raises _Unusable or ClientDisconnect."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise _Unusable("broken")
    stream = _limited(request, FILES_AT_ONCE * limits.file + OVERHEAD)
    parser = MultiPartParser(request.headers, stream, max_files=100, max_fields=10, max_part_size=OVERHEAD)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise _Unusable("broken") from None
    try:
        # A browser sends an empty file for a field in which none was chosen.
        chosen = [value for value in form.getlist("file") if isinstance(value, UploadFile) and value.size]
        files = tuple([await _attachment(file, limits.largest) for file in chosen[:FILES_AT_ONCE]])
        words = form.get("words")
    finally:
        await form.close()
    said = _UNSTORABLE.sub("", words).strip()[:WORDS_LIMIT] if isinstance(words, str) else ""
    if not files and not said:
        raise _Unusable("nothing")
    return _Form(files, said, len(chosen) > FILES_AT_ONCE)


async def _attachment(file: UploadFile, largest: int) -> IncomingAttachment:
    """A file by its content; what is too large is not even held."""
    name = _UNSTORABLE.sub("", file.filename or "")[-200:]
    if (file.size or 0) > largest:
        return IncomingAttachment("file", name=name, size=file.size)
    content = await file.read()
    mime = await asyncio.to_thread(sniff, content)
    return IncomingAttachment(kind_of(mime) if mime else "file", content=content, name=name)


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            yield chunk
        elif size > limit * DRAIN:
            break
    if size > limit:
        raise _Unusable("too_big")
