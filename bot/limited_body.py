"""The body of a request from outside, read no further than it may be long and no longer than it may take."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect


class Incomplete(Exception):
    """The body did not arrive in time, or whoever sent it hung up."""


async def read_body(request: Request, largest: int, seconds: float) -> bytes | None:
    """The body, None as soon as it is longer than `largest` bytes; raises Incomplete."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > largest:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    return None
    except (TimeoutError, ClientDisconnect):
        raise Incomplete from None
    return bytes(body)
