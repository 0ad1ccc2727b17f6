"""`POST /webhook`: where an integrator posts what residents do; 200 only for what is committed."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from backend.db.database import Clock, DatabaseUnavailable
from bot.limited_body import Incomplete, read_body
from bot.webhook.channel import WebhookChannel
from bot.webhook.events import FILES_PER_EVENT, Malformed, message_of, parse, sender_of
from bot.webhook.signature import ID, NotAuthentic, open_envelope
from handlers.incoming import claim, handle
from handlers.messages import Rendered
from handlers.parts import Parts
from handlers.returned import returned

logger = logging.getLogger(__name__)

PATH = "/webhook"

OFF = "The webhook channel is off: WEBHOOK_SECRET is not set."

BESIDE_FILES = 128 * 1024
"""Bytes that an event may need beside the content of its files."""

READ_SECONDS = 30.0
AGAIN_SECONDS = 5
"""How long to wait while the database is away."""

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def router(parts: Parts, channel: WebhookChannel, max_file: int) -> APIRouter:
    """The route in front of the handlers; `max_file` in bytes."""
    clock = parts.database.clock
    largest = largest_body(max_file)
    routes = APIRouter(include_in_schema=False)

    @routes.post(PATH)
    async def receive(request: Request) -> Response:
        body = await _authentic(request, channel, clock, largest)
        if isinstance(body, Response):
            return body
        try:
            event = parse(body)
        except Malformed as error:
            problems = [{"where": where, "problem": problem} for where, problem in error.problems]
            return _error(422, "malformed", "The event cannot be read.", problems)
        message = message_of(event, request.headers[ID])
        replies: tuple[Rendered, ...] = ()
        try:
            if message is None:
                await returned(parts, sender_of(event))
            else:
                replies = await claim(parts, await handle(parts, message), channel.capabilities)
        except DatabaseUnavailable:
            answer = _error(503, "unavailable", "Nothing was kept. Post the same event again.")
            answer.headers["Retry-After"] = str(AGAIN_SECONDS)
            return answer
        content = await channel.answer(event.data.user, replies)
        # Under the id of what it answers: it cannot pass for the answer to anything else.
        signed = channel.keys.sign(request.headers[ID], clock(), content)
        return Response(content, media_type="application/json", headers=HEADERS | signed)

    return routes


def largest_body(max_file: int) -> int:
    """Bytes of an event whose files are together as large as the largest single one may be."""
    # Base64 makes four bytes of three.
    return max_file // 3 * 4 + FILES_PER_EVENT * 4 + BESIDE_FILES


def closed_router() -> APIRouter:
    """The route of an installation without this channel: 404 and why."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(PATH)
    async def closed() -> Response:
        return _error(404, "off", OFF)

    return routes


async def _authentic(
    request: Request, channel: WebhookChannel, clock: Clock, largest: int
) -> bytes | Response:
    """The body of a request that is the other side's, or the answer to one that is not."""
    try:
        envelope = open_envelope(request.headers, clock())
        body = await read_body(request, largest, READ_SECONDS)
        if body is None:
            return _error(413, "too_large", f"The body is longer than {largest} bytes.")
        channel.keys.verify(envelope, body)
    except NotAuthentic as reason:
        logger.warning("webhook refused", extra={"reason": str(reason)})
        return _error(403, "not_authentic", f"Not authentic: {reason}.")
    except Incomplete:
        return _error(408, "incomplete", "The body did not arrive in time.")
    return body


def _error(status: int, code: str, words: str, problems: Sequence[dict[str, str]] = ()) -> JSONResponse:
    said = {"error": code, "message": words} | ({"problems": list(problems)} if problems else {})
    return JSONResponse(said, status, headers=HEADERS)
