"""WeChat's server API over httpx: every call bounded, no secret in an error or a log."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.message import Message
from typing import Any, TypeVar

import httpx
from prometheus_client import Counter

from backend.db.database import Clock, utc_now
from bot.wechat.apis import (
    DOWNLOAD,
    EVERY_CALL,
    FORCED_TOKEN,
    MENUS,
    NOTICE,
    SERVICE,
    STABLE_TOKEN,
    TEMPLATE,
    TYPING,
    UPLOAD,
)
from bot.wechat.errors import (
    ALERTING,
    NO_MENU,
    NOT_WHITELISTED,
    TOKEN_REFUSED,
    NotReached,
    OutcomeUnknown,
    TokenError,
    WeChatError,
)
from bot.wechat.stops import Stops
from bot.wechat.tokens import Tokens, TokenStore

logger = logging.getLogger(__name__)

T = TypeVar("T")

_ADDRESS = re.compile(r"invalid ip ([0-9a-fA-F.:]{2,45})")

TIMEOUT = httpx.Timeout(10.0, connect=3.0)

REFUSALS = Counter("fengqiao_wechat_refusals", "Calls that WeChat refused, by errcode", ["code"])


class MediaLost(LookupError):
    """WeChat no longer has it (after 3 days), or it is larger than we keep; its text is a code."""


class WeChatClient:
    """The calls this software makes; each may raise WeChatError, NotReached or OutcomeUnknown."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        app_id: str,
        secret: str,
        store: TokenStore,
        stops: Stops,
        clock: Clock = utc_now,
    ) -> None:
        """`http` has the API's address as its base."""
        # httpx logs every URL at INFO, and WeChat wants its token in the URL.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._http = http
        self._app_id = app_id
        self._secret = secret
        self._stops = stops
        self._tokens = Tokens(store, self._fetch_token, clock)

    async def aclose(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    async def send_text(self, openid: str, text: str) -> None:
        """A customer service text (客服消息)."""
        await self.post(SERVICE, {"touser": openid, "msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid: str, head: str, items: Sequence[tuple[str, str]]) -> None:
        """A customer service text with choices to tap (msgmenu): (id, words) each; for verified accounts."""
        await self._stops.check(MENUS)
        listed = [{"id": number, "content": words} for number, words in items]
        menu = {"head_content": head, "list": listed, "tail_content": ""}
        await self.post(SERVICE, {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu})

    async def show_typing(self, openid: str) -> None:
        """Show the resident that an answer is being written (客服输入状态), for some seconds."""
        await self.post(TYPING, {"touser": openid, "command": "Typing"})

    async def send_image(self, openid: str, media_id: str) -> None:
        """A customer service picture that was uploaded before."""
        body = {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}}
        await self.post(SERVICE, body)

    async def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], url: str, once: str
    ) -> str:
        """A template message (模板消息); its id. The same `once` within ten minutes is one message."""
        body = {"touser": openid, "template_id": template_id, "client_msg_id": once, "data": _fields(data)}
        answer = await self.post(TEMPLATE, body | ({"url": url} if url else {}))
        return str(answer.get("msgid", ""))

    async def send_notice(self, openid: str, template_id: str, data: Mapping[str, str], page: str) -> None:
        """A subscription notice (订阅通知); WeChat gives it no id."""
        body = {"touser": openid, "template_id": template_id, "data": _fields(data)}
        await self.post(NOTICE, body | ({"page": page} if page else {}))

    async def upload_image(self, content: bytes, name: str, mime: str) -> str:
        """Give WeChat a picture for 3 days; its media id."""

        async def upload(token: str) -> Mapping[str, Any]:
            return await self._json(
                UPLOAD,
                {"access_token": token, "type": "image"},
                files={"media": (name, content, mime)},
            )

        return str((await self._with_token(UPLOAD, upload))["media_id"])

    async def download(self, media_id: str, max_bytes: int) -> tuple[bytes, str]:
        """What a resident sent: its bytes and file name. Raises MediaLost too."""

        async def get(token: str) -> tuple[bytes, str]:
            return await self._media(DOWNLOAD, {"access_token": token, "media_id": media_id}, max_bytes)

        try:
            return await self._with_token(DOWNLOAD, get)
        except WeChatError as error:
            if error.code == 40007:
                raise MediaLost(f"wechat_{error.code}") from None
            raise

    async def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any other call with a JSON body."""
        # WeChat shows \uXXXX to the resident as it stands.
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._with_token(
            path, lambda token: self._json(path, {"access_token": token}, content=content)
        )

    async def get(self, path: str) -> Mapping[str, Any]:
        """Any other call without a body."""
        return await self._with_token(
            path, lambda token: self._json(path, {"access_token": token}, method="GET")
        )

    async def check_token(self) -> None:
        """Make sure that WeChat gives an access token."""
        await self._tokens.current()

    async def _with_token(self, api: str, call: Callable[[str], Awaitable[T]]) -> T:
        await self._stops.check(api)
        try:
            return await self._twice(call)
        except TokenError:
            raise
        except WeChatError as error:
            if error.code in TOKEN_REFUSED:
                # A new token was refused, too: that says nothing about this call.
                await self._refused(EVERY_CALL, error.code)
                raise TokenError(error.code) from None
            await self._refused(MENUS if error.code == NO_MENU else api, error.code)
            raise

    async def _twice(self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self._tokens.current()
        try:
            return await call(token)
        except WeChatError as error:
            if error.code not in TOKEN_REFUSED:
                raise
        return await call(await self._tokens.replace(token))

    async def _fetch_token(self, force: bool) -> tuple[str, int]:
        api = FORCED_TOKEN if force else STABLE_TOKEN
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        try:
            await self._stops.check(api)
        except WeChatError as error:
            raise TokenError(error.code) from None
        try:
            answer = await self._json(STABLE_TOKEN, {}, content=json.dumps(body).encode())
            return str(answer["access_token"]), int(answer["expires_in"])
        except WeChatError as error:
            await self._refused(api, error.code)
            raise TokenError(error.code, error.address) from None
        except (OutcomeUnknown, KeyError, ValueError) as error:
            # Whether WeChat made a token does not matter: the next call gets the same one.
            raise NotReached("token") from error

    async def _refused(self, api: str, code: int) -> None:
        if code in ALERTING or api == EVERY_CALL:
            logger.error("WeChat refuses, a person must look", extra={"errcode": code, "api": api})
        await self._stops.refused(api, code)

    async def _json(
        self, path: str, parameters: Mapping[str, str], *, method: str = "POST", **body: Any
    ) -> Mapping[str, Any]:
        try:
            response = await self._http.request(method, path, params=parameters or None, **body)
        except httpx.HTTPError as error:
            raise _failure(error) from None
        _check_status(response)
        return _answer(response.content)

    async def _media(self, path: str, parameters: Mapping[str, str], max_bytes: int) -> tuple[bytes, str]:
        try:
            async with self._http.stream("GET", path, params=parameters or None) as response:
                _check_status(response)
                content = await _limited(response, max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failure(error) from None
        content_type = response.headers.get("content-type", "")
        if "json" not in content_type and not content_type.startswith("text/"):
            return content, _file_name(response.headers.get("content-disposition", ""))
        # Errors come with HTTP 200; a video comes as the address it lies at.
        answer = _answer(content)
        if "video_url" not in answer or not parameters:
            raise OutcomeUnknown("no media")
        return await self._media(str(answer["video_url"]), {}, max_bytes)


def _fields(data: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return {name: {"value": value} for name, value in data.items()}


async def _limited(response: httpx.Response, max_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise MediaLost("too_large")
    return bytes(content)


def _check_status(response: httpx.Response) -> None:
    if response.status_code >= 500:
        raise OutcomeUnknown(f"http_{response.status_code}")
    if response.status_code != 200:
        raise NotReached(f"http_{response.status_code}")


def _answer(content: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        raise OutcomeUnknown("no JSON") from None
    if not isinstance(answer, dict):
        raise OutcomeUnknown("no JSON object")
    code = answer.get("errcode", 0)
    if not code:
        return answer
    if not isinstance(code, int):
        raise OutcomeUnknown("no errcode")
    REFUSALS.labels(str(code)).inc()
    raise WeChatError(code, _address(str(answer.get("errmsg", ""))) if code == NOT_WHITELISTED else "")


def _address(errmsg: str) -> str:
    """The address that WeChat saw us come from: `invalid ip 203.0.113.7 ipv6 ::ffff:…, not in whitelist`."""
    found = _ADDRESS.search(errmsg)
    return found[1] if found else ""


def _failure(error: Exception) -> NotReached | OutcomeUnknown:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return NotReached("unreachable")
    return OutcomeUnknown(type(error).__name__)


def _file_name(disposition: str) -> str:
    header = Message()
    header["content-disposition"] = disposition
    return header.get_filename("")
