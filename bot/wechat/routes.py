"""`GET` and `POST /wechat`: the address that is entered in WeChat's console."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send

from backend.metrics import CountedRoute
from bot.limited_body import Incomplete, read_body
from bot.wechat.callback import Answer, Callback
from bot.wechat.gate import Query

MAX_BODY = 64 * 1024
"""Bytes; WeChat's longest callback is a tenth of this."""

READ_SECONDS = 4.0
"""How long the body may take to arrive; WeChat's own limit for the whole exchange is 5 s."""


def router(callback: Callback) -> APIRouter:
    """The routes in front of `callback`."""
    routes = APIRouter(include_in_schema=False)
    routes.routes.append(CountedRoute("/wechat", Front(callback), methods=["GET", "POST"]))
    return routes


class Front:
    """The callback as an ASGI app: nothing is to be injected, and to look whether costs more than the XML."""

    def __init__(self, callback: Callback) -> None:
        """In front of this one."""
        self._callback = callback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        answered = self._receive if request.method == "POST" else self._handshake
        response = await answered(request)
        await response(scope, receive, send)

    async def _handshake(self, request: Request) -> Response:
        return _response(self._callback.handshake(Query.of(request.query_params)))

    async def _receive(self, request: Request) -> Response:
        query = Query.of(request.query_params)
        refusal = self._callback.turned_away(query)
        if refusal is not None:
            return _response(refusal)
        try:
            body = await read_body(request, MAX_BODY, READ_SECONDS)
        except Incomplete:
            return Response("incomplete", 408, media_type="text/plain")
        if body is None:
            return _response(self._callback.too_large())
        return _response(await self._callback.receive(query, body))


def closed_router() -> APIRouter:
    """The routes of an installation without an official account: 404 and what to set."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/wechat", methods=["GET", "POST"])
    async def closed() -> Response:
        return Response("WeChat is off: WECHAT_TOKEN is not set", 404, media_type="text/plain")

    return routes


def _response(answer: Answer) -> Response:
    media_type = "application/xml" if answer.xml else "text/plain"
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(answer.body, answer.status, headers, media_type)
