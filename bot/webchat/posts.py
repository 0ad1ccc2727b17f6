"""What a page posts, read and checked: JSON for words and taps, multipart for photos and files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from backend.attachments.content_types import kind_of, sniff
from backend.attachments.limits import Limits, megabytes
from backend.conversations.views import Sender
from bot.browser_language import device_language
from bot.webchat.origin import OWN_HEADER
from dialogs.messages import Location
from handlers.messages import IncomingAttachment, IncomingMessage

TEXT_LIMIT = 4000
JSON_LIMIT = 64 * 1024
FORM_OVERHEAD = 64 * 1024
"""Bytes that a multipart form may need beside its files."""
FILES_PER_MESSAGE = 9
DRAIN = 8
"""How many times the limit is still read and thrown away, so that the browser hears the answer."""

SCENE = re.compile(r"[A-Za-z0-9_-]{1,50}")
"""The code of a region, as posters and the sites that show the chat name it."""
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Refused(Exception):
    """A post that is not taken: an HTTP status and the key of the words that say why."""

    def __init__(self, status: int, key: str, **params: str) -> None:
        """`params` fill in the words."""
        super().__init__(key)
        self.status = status
        self.key = key
        self.params = params


def _clean(value: str) -> str:
    return _UNSTORABLE.sub("", value)


_Words = Annotated[str, AfterValidator(_clean)]
_MessageId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    id: _MessageId
    kind: Literal["text", "choice", "location", "open"]
    text: _Words = ""
    choice: Annotated[_Words, Field(max_length=100)] = ""
    prompt_id: Annotated[int | None, Field(ge=1, lt=2**53)] = None
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    scene: _Words = ""


class _Form(BaseModel):
    id: _MessageId
    text: _Words = ""


async def read_post(request: Request, sender: Sender, at: datetime, limits: Limits) -> IncomingMessage:
    """The message in a request; raises Refused."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        return await _read_json(request, sender, at)
    if content_type == "multipart/form-data":
        if OWN_HEADER not in request.headers:
            raise Refused(403, "page.error.elsewhere")
        return await _read_form(request, sender, at, limits)
    raise Refused(415, "page.error.malformed")


async def _read_json(request: Request, sender: Sender, at: datetime) -> IncomingMessage:
    raw = b"".join([chunk async for chunk in _limited(request, JSON_LIMIT, _too_long())])
    try:
        body = _Body.model_validate_json(raw)
    except ValidationError as error:
        raise Refused(422, "page.error.malformed") from error
    _check_length(body.text)
    location = None
    if body.kind == "location":
        if body.latitude is None or body.longitude is None:
            raise Refused(422, "page.error.malformed")
        location = Location(body.latitude, body.longitude, body.text)
    if (body.kind == "text" and not body.text.strip()) or (body.kind == "choice" and not body.choice):
        raise Refused(422, "page.error.empty")
    return IncomingMessage(
        sender=sender,
        message_id=body.id,
        kind=body.kind,
        at=at,
        text=body.text if body.kind == "text" else "",
        choice=body.choice if body.kind == "choice" else "",
        prompt_id=body.prompt_id if body.kind == "choice" else None,
        location=location,
        language=device_language(request),
        scene=body.scene if body.kind == "open" and SCENE.fullmatch(body.scene) else "",
    )


async def _read_form(request: Request, sender: Sender, at: datetime, limits: Limits) -> IncomingMessage:
    stream = _limited(request, limits.largest + FORM_OVERHEAD, _too_big(limits.largest))
    parser = MultiPartParser(
        request.headers, stream, max_files=FILES_PER_MESSAGE, max_fields=10, max_part_size=JSON_LIMIT
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise Refused(422, "page.error.malformed") from error
    try:
        fields = _Form.model_validate({k: v for k, v in form.multi_items() if isinstance(v, str)})
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        attachments = [await _attachment(upload, limits) for upload in uploads]
    except ValidationError as error:
        raise Refused(422, "page.error.malformed") from error
    finally:
        await form.close()
    if not attachments:
        raise Refused(422, "page.error.empty")
    _check_length(fields.text)
    return IncomingMessage(
        sender=sender,
        message_id=fields.id,
        kind=attachments[0].kind,
        at=at,
        text=fields.text,
        language=device_language(request),
        attachments=tuple(attachments),
    )


async def _attachment(upload: UploadFile, limits: Limits) -> IncomingAttachment:
    content = await upload.read()
    if not content:
        raise Refused(422, "page.error.empty")
    mime = await asyncio.to_thread(sniff, content)
    if mime is None:
        raise Refused(415, "attachment.unreadable")
    kind = kind_of(mime)
    if len(content) > limits.of(kind):
        raise _too_big(limits.of(kind))
    return IncomingAttachment(kind=kind, content=content, name=_clean(upload.filename or "")[-200:])


async def _limited(request: Request, limit: int, refusal: Refused) -> AsyncGenerator[bytes, None]:
    """The body in chunks; past `limit` bytes it is read on for a while, thrown away, and refused."""
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= limit:
                yield chunk
            elif size > limit * DRAIN:
                break
    except ClientDisconnect as error:
        raise Refused(400, "page.error.malformed") from error
    if size > limit:
        raise refusal


def _check_length(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise _too_long()


def _too_long() -> Refused:
    return Refused(413, "page.error.too_long", limit=str(TEXT_LIMIT))


def _too_big(limit: int) -> Refused:
    return Refused(413, "attachment.too_big", limit=megabytes(limit))
