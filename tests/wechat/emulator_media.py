"""The emulated account's media: what residents sent, what is uploaded, for three days."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.wechat.limits import IMAGE_BYTES, MEDIA_LIFE, Error

_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp"}


@dataclass
class Medium:
    """One file at WeChat."""

    content: bytes
    mime: str
    at: datetime
    video: bool = False


class Media:
    """The files by their media ids."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.files: dict[str, Medium] = {}

    def give(self, content: bytes, mime: str, *, video: bool = False) -> str:
        media_id = secrets.token_urlsafe(24)
        self.files[media_id] = Medium(content, mime, self.clock(), video)
        return media_id

    def upload(self, request: Request, content: bytes) -> dict[str, Any]:
        if request.query_params.get("type") != "image":
            raise Error(40004, "invalid media type")
        if not content:
            raise Error(41005, "media data missing")
        if len(content) > IMAGE_BYTES:
            raise Error(40009, "invalid image size")
        mime = next((m for start, m in _PICTURES.items() if content.startswith(start)), None)
        if mime is None:
            raise Error(40005, "invalid file type")
        media_id = self.give(content, mime)
        return {"type": "image", "media_id": media_id, "created_at": int(self.clock().timestamp())}

    def get(self, request: Request, body: bytes) -> Response | dict[str, Any]:
        media_id = request.query_params.get("media_id", "")
        medium = self.files.get(media_id)
        if medium is None or self.clock() - medium.at >= MEDIA_LIFE:
            raise Error(40007, "invalid media_id")
        if medium.video:
            return {"video_url": str(request.base_url) + f"video/{media_id}?sign=x&v=1"}
        return _file(media_id, medium)

    async def video(self, request: Request) -> Response:
        media_id = request.path_params["media_id"]
        if request.query_params.get("sign") != "x":
            return Response("forbidden", 403)
        return _file(media_id, self.files[media_id])


def _file(media_id: str, medium: Medium) -> Response:
    name = f"{media_id}.{medium.mime.split('/')[1]}"
    headers = {"Content-disposition": f'attachment; filename="{name}"'}
    return Response(medium.content, media_type=medium.mime, headers=headers)
