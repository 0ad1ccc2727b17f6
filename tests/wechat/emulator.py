"""WeChat's server API with its published limits, for one official account.

Residents' activity opens the windows: `user_did(openid, "message")`. What reached a phone is in `sent`.
`fail(path, code)` makes the next call of a path answer an errcode.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fixtures.serving import serving
from tests.wechat.emulator_console import Console
from tests.wechat.emulator_media import Media
from tests.wechat.emulator_messages import Messages, Sent
from tests.wechat.limits import FORCED_A_DAY, FORCED_APART, OVERLAP, TOKEN_LIFE, Error, User


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
        self.clock = clock
        self.calls: list[str] = []
        self.raw_bodies: list[bytes] = []
        self.grants: list[bool] = []
        """One entry per new token: was it forced."""
        self.token_delay = 0.0
        """Seconds that a token call takes, so that races have time to happen."""
        self.always_refuse_tokens = False
        self._users: defaultdict[str, User] = defaultdict(User)
        self._media = Media(clock)
        self.messages = Messages(self._users, clock, self._media.files)
        self.messages.service_rights = service_rights
        self.console = Console(self.messages)
        self._tokens: dict[str, datetime] = {}
        self._current = ""
        self._forced: list[datetime] = []
        self._failures: dict[str, deque[int | Response]] = defaultdict(deque)
        post = {
            "stable_token": self._stable_token,
            "message/custom/send": self._custom_send,
            "message/custom/typing": lambda _, body: self.messages.typing(_json(body)),
            "message/template/send": lambda _, body: self.messages.template_send(_json(body)),
            "message/subscribe/bizsend": lambda _, body: self.messages.subscribe_send(_json(body)),
            "media/upload": self._media.upload,
            "menu/create": lambda _, body: self.console.create_menu(_json(body)),
            "qrcode/create": lambda _, body: self.console.create_code(_json(body)),
            "openapi/quota/get": lambda _, body: self.console.quota(_json(body)),
            "callback/check": lambda _, __: self.console.reach,
        }
        get = {
            "cgi-bin/media/get": self._media.get,
            "cgi-bin/get_current_selfmenu_info": lambda _, __: self.console.current_menu(),
            "cgi-bin/template/get_all_private_template": lambda _, __: self.console.templates(),
            "wxaapi/newtmpl/gettemplate": lambda _, __: self.console.notices(),
        }
        self.app = Starlette(
            routes=[
                *(Route(f"/cgi-bin/{path}", self._route(a), methods=["POST"]) for path, a in post.items()),
                *(Route(f"/{path}", self._route(a), methods=["GET"]) for path, a in get.items()),
                Route("/video/{media_id}", self._media.video, methods=["GET"]),
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
        return self._media.give(content, mime, video=video)

    def media(self, media_id: str) -> bytes:
        """What lies under a media id."""
        return self._media.files[media_id].content

    def fail(self, path: str, answer: int | Response, times: int = 1) -> None:
        """Let the next `times` calls of `path` answer this errcode, or this whole response."""
        self._failures[path].extend([answer] * times)

    def expire_token(self) -> None:
        """The token that is in use stops working, as after a forced renewal by somebody else."""
        self._tokens.clear()
        self._current = ""

    @property
    def sent(self) -> list[Sent]:
        return self.messages.sent

    def texts(self, openid: str) -> list[str]:
        """What a resident's phone shows of what was pushed, pictures left out."""
        mine = [sent for sent in self.sent if sent.openid == openid and sent.kind != "image"]
        return ["\n".join([sent.content, *(words for _, words in sent.items)]) for sent in mine]

    @contextlib.contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serve over HTTP on this machine in a thread; yields the address for WECHAT_API_BASE."""
        with serving(self.app, port) as url:
            yield f"{url}/"

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

    def _custom_send(self, _request: Request, body: bytes) -> dict[str, Any]:
        self.raw_bodies.append(body)
        return self.messages.custom_send(_json(body))


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
