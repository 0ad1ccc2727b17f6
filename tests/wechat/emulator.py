"""WeChat's server API with its published limits, for messages, tokens and media of one official account.

Residents' activity opens the windows: `user_did(openid, "message")`. What reached a phone is in `sent`.
`fail(path, code)` makes the next call of a path answer an errcode.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.wechat.limits import (
    FORCED_A_DAY,
    FORCED_APART,
    IMAGE_BYTES,
    MEDIA_LIFE,
    OVERLAP,
    TEXT_BYTES,
    TOKEN_LIFE,
    Error,
    User,
)

_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp"}


@dataclass
class Sent:
    """A message that reached a resident's phone."""

    openid: str
    kind: str
    content: str
    at: datetime


@dataclass
class _Media:
    content: bytes
    mime: str
    at: datetime
    video: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


class Emulator:
    """One official account's side of the API; `clock` may be a simulated one."""

    def __init__(
        self,
        app_id: str = "wx0123456789abcdef",
        secret: str = "app-secret",
        *,
        service_rights: bool = True,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.app_id = app_id
        self.secret = secret
        self.service_rights = service_rights
        self.clock = clock
        self.sent: list[Sent] = []
        self.calls: list[str] = []
        self.raw_bodies: list[bytes] = []
        self.grants: list[bool] = []
        """One entry per new token: was it forced."""
        self.token_delay = 0.0
        """Seconds that a token call takes, so that races have time to happen."""
        self.always_refuse_tokens = False
        self._users: dict[str, User] = defaultdict(User)
        self._media: dict[str, _Media] = {}
        self._tokens: dict[str, datetime] = {}
        self._current = ""
        self._forced: list[datetime] = []
        self._failures: dict[str, deque[int | Response]] = defaultdict(deque)
        self.app = Starlette(
            routes=[
                Route("/cgi-bin/stable_token", self._route(self._stable_token), methods=["POST"]),
                Route("/cgi-bin/message/custom/send", self._route(self._custom_send), methods=["POST"]),
                Route("/cgi-bin/media/upload", self._route(self._upload), methods=["POST"]),
                Route("/cgi-bin/media/get", self._route(self._get_media), methods=["GET"]),
                Route("/video/{media_id}", self._video, methods=["GET"]),
            ]
        )

    # --- what tests do ---------------------------------------------------------------------------

    def user_did(self, openid: str, what: str = "message") -> None:
        """A resident wrote (`message`), clicked a menu, followed or scanned: that opens a window."""
        self._users[openid].did(what, self.clock())

    def unfollow(self, openid: str) -> None:
        self._users[openid].following = False

    def refuse_messages(self, openid: str) -> None:
        self._users[openid].refuses = True

    def give_media(self, content: bytes, mime: str = "image/jpeg", *, video: bool = False) -> str:
        """Something a resident sent; its media id."""
        media_id = secrets.token_urlsafe(24)
        self._media[media_id] = _Media(content, mime, self.clock(), video)
        return media_id

    def media(self, media_id: str) -> bytes:
        """What lies under a media id."""
        return self._media[media_id].content

    def fail(self, path: str, answer: int | Response, times: int = 1) -> None:
        """Let the next `times` calls of `path` answer this errcode, or this whole response."""
        self._failures[path].extend([answer] * times)

    def expire_token(self) -> None:
        """The token that is in use stops working, as after a forced renewal by somebody else."""
        self._tokens.clear()
        self._current = ""

    def texts(self, openid: str) -> list[str]:
        """What a resident's phone shows of what was pushed."""
        return [sent.content for sent in self.sent if sent.openid == openid and sent.kind == "text"]

    @contextlib.contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serve over HTTP on this machine in a thread; yields the address for WECHAT_API_BASE."""
        config = uvicorn.Config(self.app, port=port, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the emulator could not start"
            time.sleep(0.01)
        bound = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{bound}/"
        finally:
            server.should_exit = True
            thread.join(5)

    # --- the API ---------------------------------------------------------------------------------

    def _route(self, answer: Callable[[Request, bytes], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            body = await _content(request)
            path = request.url.path.lstrip("/")
            self.calls.append(path)
            if path == "cgi-bin/stable_token":
                await asyncio.sleep(self.token_delay)
            try:
                if failures := self._failures[path]:
                    failure = failures.popleft()
                    if isinstance(failure, Response):
                        return failure
                    raise Error(failure, "injected")
                if path != "cgi-bin/stable_token":
                    self._check_token(request.query_params.get("access_token"))
                result = answer(request, body)
            except Error as error:
                return JSONResponse({"errcode": error.code, "errmsg": error.message})
            return result if isinstance(result, Response) else JSONResponse(result)

        return endpoint

    def _check_token(self, token: str | None) -> None:
        if not token:
            raise Error(41001, "access_token missing")
        if self.always_refuse_tokens or token not in self._tokens:
            raise Error(40001, "invalid credential, access_token is invalid or not latest")
        if self._tokens[token] <= self.clock():
            raise Error(42001, "access_token expired")

    def _stable_token(self, request: Request, body: bytes) -> dict[str, Any]:
        asked = _json(body)
        if asked.get("appid") != self.app_id:
            raise Error(40013, "invalid appid")
        if asked.get("secret") != self.secret:
            raise Error(40125, "invalid appsecret")
        if asked.get("grant_type") != "client_credential":
            raise Error(40002, "invalid grant_type")
        now, force = self.clock(), asked.get("force_refresh") is True
        remaining = self._tokens.get(self._current, now) - now
        if force:
            self._forced = [at for at in self._forced if now - at < timedelta(days=1)]
            if len(self._forced) >= FORCED_A_DAY:
                raise Error(45009, "reach max api daily quota limit")
            if self._forced and now - self._forced[-1] < FORCED_APART:
                force = False
            else:
                self._forced.append(now)
        if force:
            self._tokens.clear()
        if force or remaining <= OVERLAP:
            for token, end in self._tokens.items():
                self._tokens[token] = min(end, now + OVERLAP)
            self._current = secrets.token_hex(32)
            self._tokens[self._current] = now + TOKEN_LIFE
            self.grants.append(force)
            remaining = TOKEN_LIFE
        return {"access_token": self._current, "expires_in": int(remaining.total_seconds())}

    def _custom_send(self, request: Request, body: bytes) -> dict[str, Any]:
        message = _json(body)
        self.raw_bodies.append(body)
        openid, kind = message.get("touser"), message.get("msgtype")
        if not isinstance(openid, str) or not openid.startswith("o"):
            raise Error(40003, "invalid openid")
        if not self.service_rights:
            raise Error(48001, "api unauthorized")
        if kind == "text":
            content = message["text"]["content"]
            if not content:
                raise Error(44004, "empty content")
            if len(content.encode()) > TEXT_BYTES:
                raise Error(45002, "content size out of limit")
        elif kind == "image":
            content = message["image"]["media_id"]
            if content not in self._media:
                raise Error(40007, "invalid media_id")
        else:
            raise Error(40008, "invalid message type")
        user = self._users[openid]
        if not user.following:
            raise Error(43004, "require subscribe")
        if user.refuses:
            raise Error(48002, "user refuses messages")
        user.use_window(self.clock())
        self.sent.append(Sent(openid, kind, content, self.clock()))
        return {"errcode": 0, "errmsg": "ok"}

    def _upload(self, request: Request, content: bytes) -> dict[str, Any]:
        if request.query_params.get("type") != "image":
            raise Error(40004, "invalid media type")
        if not content:
            raise Error(41005, "media data missing")
        if len(content) > IMAGE_BYTES:
            raise Error(40009, "invalid image size")
        mime = next((m for start, m in _PICTURES.items() if content.startswith(start)), None)
        if mime is None:
            raise Error(40005, "invalid file type")
        media_id = self.give_media(content, mime)
        return {"type": "image", "media_id": media_id, "created_at": int(self.clock().timestamp())}

    def _get_media(self, request: Request, body: bytes) -> Response | dict[str, Any]:
        media_id = request.query_params.get("media_id", "")
        media = self._media.get(media_id)
        if media is None or self.clock() - media.at >= MEDIA_LIFE:
            raise Error(40007, "invalid media_id")
        if media.video:
            return {"video_url": str(request.base_url) + f"video/{media_id}?sign=x&v=1"}
        return _file(media_id, media)

    async def _video(self, request: Request) -> Response:
        media_id = request.path_params["media_id"]
        if request.query_params.get("sign") != "x":
            return Response("forbidden", 403)
        return _file(media_id, self._media[media_id])


def _file(media_id: str, media: _Media) -> Response:
    name = f"{media_id}.{media.mime.split('/')[1]}"
    headers = {"Content-disposition": f'attachment; filename="{name}"'}
    return Response(media.content, media_type=media.mime, headers=headers)


async def _content(request: Request) -> bytes:
    """The body; of a form, the file in its field `media`."""
    body = await request.body()
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return body
    async with request.form() as form:
        part = form.get("media")
        return await part.read() if isinstance(part, UploadFile) else b""


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Error(47001, "data format error")
    return found
