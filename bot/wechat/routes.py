"""`GET` and `POST /wechat`: the address that is entered in WeChat's console."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from bot.wechat.callback import Answer, Callback
from bot.wechat.gate import Query

MAX_BODY = 64 * 1024
"""Bytes; WeChat's longest callback is a tenth of this."""

READ_SECONDS = 4.0
"""How long the body may take to arrive; WeChat's own limit for the whole exchange is 5 s."""


def router(callback: Callback) -> APIRouter:
    """The routes in front of `callback`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/wechat")
    async def handshake(request: Request) -> Response:
        return _response(callback.handshake(Query.of(request.query_params)))

    @routes.post("/wechat")
    async def receive(request: Request) -> Response:
        query = Query.of(request.query_params)
        refusal = callback.turned_away(query)
        if refusal is not None:
            return _response(refusal)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return Response("incomplete", 408, media_type="text/plain")
        if body is None:
            return _response(callback.too_large())
        return _response(await callback.receive(query, body))

    return routes


def closed_router() -> APIRouter:
    """The routes of an installation without an official account: 404 and what to set."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/wechat", methods=["GET", "POST"])
    async def closed() -> Response:
        return Response("WeChat is off: WECHAT_TOKEN is not set", 404, media_type="text/plain")

    return routes


async def _read(request: Request) -> bytes | None:
    """The body; None as soon as it is longer than MAX_BODY."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > MAX_BODY:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _response(answer: Answer) -> Response:
    media_type = "application/xml" if answer.xml else "text/plain"
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(answer.body, answer.status, headers, media_type)
