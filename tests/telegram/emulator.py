"""Telegram's side of the Bot API over HTTP, with its limits: chats, keyboards, files, webhook or getUpdates.

`fail(method, error)` makes the next call of a method answer that. What a resident's phone shows is in
`chats`.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import defaultdict, deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fixtures.serving import serving
from tests.telegram.limits import (
    BLOCKED,
    CAPTION,
    DEACTIVATED,
    DOWNLOAD_BYTES,
    MAX_COMMANDS,
    NO_CHAT,
    NOT_STARTED,
    PHOTO_BYTES,
    TEXT,
    UPLOAD_BYTES,
    Error,
    check_markup,
    check_text,
    too_many,
)

TOKEN = "123456789:AAF-a-token_of_the_emulator_alone"
BOT_ID = 123456789


@dataclass
class Shown:
    """A message as a phone shows it."""

    message_id: int
    kind: str
    text: str
    markup: dict[str, Any]
    file: bytes = b""
    silent: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [button for row in self.markup.get("inline_keyboard", []) for button in row]


@dataclass
class Chat:
    """A private chat with the bot, or a group."""

    chat_id: int
    kind: str = "private"
    started: bool = True
    blocked: bool = False
    deactivated: bool = False
    shown: list[Shown] = field(default_factory=list)


@dataclass
class _Webhook:
    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] = ()
    error_at: int = 0


class Emulator:
    """One bot's server."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.webhook = _Webhook()
        self.commands: list[dict[str, str]] = []
        self.commands_in: dict[str, list[dict[str, str]]] = {}
        self.thanked: list[str] = []
        """Ids of the callback queries that were answered."""
        self.left: list[int] = []
        self.chat_rate: float | None = None
        """Messages a second to one chat; more are answered with 429."""
        self.late = 0.0
        """Seconds that every call takes."""
        self.pending: deque[dict[str, Any]] = deque()
        """Updates that nobody has confirmed."""
        self._files: dict[str, bytes] = {}
        self._failures: dict[str, deque[Error | Response]] = defaultdict(deque)
        self._sent_at: dict[int, float] = {}
        self._ids = iter(range(1000, 10**9))
        self._update_ids = iter(range(700_000, 10**9))
        self._asking = 0
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download, methods=["GET"]),
            ]
        )

    # --- what tests do ---------------------------------------------------------------------------

    def fail(self, method: str, *answers: Error | Response) -> None:
        """Let the next calls of a method answer these."""
        self._failures[method].extend(answers)

    def called(self, method: str) -> list[dict[str, str]]:
        """The parameters of all calls of a method."""
        return [parameters for name, parameters in self.calls if name == method]

    def chat(self, chat_id: int, **fields: Any) -> Chat:
        """A chat, made if need be."""
        found = self.chats.setdefault(chat_id, Chat(chat_id))
        for name, value in fields.items():
            setattr(found, name, value)
        return found

    def give_file(self, content: bytes) -> str:
        """A file that somebody sent; its id."""
        file_id = f"AgACAgIAAxkBAAI{len(self._files):04d}"
        self._files[file_id] = content
        return file_id

    def next_message_id(self) -> int:
        return next(self._ids)

    def update(self, **content: Any) -> dict[str, Any]:
        """An update with the next id."""
        return {"update_id": next(self._update_ids), **content}

    def serving(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve over HTTP on this machine; the address is what TELEGRAM_API_BASE needs."""
        return serving(self.app, port)

    # --- the API ---------------------------------------------------------------------------------

    async def _call(self, request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        parameters, files = await _parameters(request)
        self.calls.append((method, parameters))
        await asyncio.sleep(self.late)
        try:
            if token != TOKEN:
                raise Error(401, "Unauthorized")
            if failures := self._failures[method]:
                failure = failures.popleft()
                if isinstance(failure, Response):
                    return failure
                raise failure
            answer = getattr(self, re.sub("([A-Z])", r"_\1", f"_{method}").lower(), None)
            if answer is None:
                raise Error(404, "Not Found")
            result = answer(parameters, files)
            if asyncio.iscoroutine(result):
                result = await result
        except Error as error:
            return JSONResponse(error.body(), error.code)
        return JSONResponse({"ok": True, "result": result})

    def _get_me(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        return {"id": BOT_ID, "is_bot": True, "first_name": "小助手", "username": "fengqiao_bot"}

    def _send_message(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        text = check_text(parameters.get("text", ""), TEXT, "message")
        if not text:
            raise Error(400, "Bad Request: message text is empty")
        return self._show("text", text, parameters)

    def _send_photo(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        content = _file(parameters["photo"], files)
        if len(content) > PHOTO_BYTES:
            raise Error(413, "Request Entity Too Large")
        if not content.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF")):
            raise Error(400, "Bad Request: IMAGE_PROCESS_FAILED")
        caption = check_text(parameters.get("caption", ""), CAPTION, "message caption")
        return self._show("photo", caption, parameters, content)

    def _send_document(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        content = _file(parameters["document"], files)
        if len(content) > UPLOAD_BYTES:
            raise Error(413, "Request Entity Too Large")
        caption = check_text(parameters.get("caption", ""), CAPTION, "message caption")
        return self._show("document", caption, parameters, content)

    def _send_chat_action(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        self._open_chat(parameters)
        if parameters["action"] != "typing":
            raise Error(400, "Bad Request: wrong parameter action in request")
        return True

    def _answer_callback_query(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        self.thanked.append(parameters["callback_query_id"])
        return True

    def _edit_message_reply_markup(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        chat = self._open_chat(parameters)
        for shown in chat.shown:
            if shown.message_id == int(parameters["message_id"]):
                markup = check_markup(parameters.get("reply_markup"))
                if markup == shown.markup:
                    raise Error(400, "Bad Request: message is not modified")
                shown.markup = markup
                return self._message(chat, shown)
        raise Error(400, "Bad Request: message to edit not found")

    def _set_my_commands(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        commands = json.loads(parameters["commands"])
        if len(commands) > MAX_COMMANDS or any(not c["command"].islower() for c in commands):
            raise Error(400, "Bad Request: BOT_COMMAND_INVALID")
        if language := parameters.get("language_code"):
            self.commands_in[language] = commands
        else:
            self.commands = commands
        return True

    def _set_webhook(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        url = parameters.get("url", "")
        if url and not url.startswith("https://"):
            raise Error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        allowed = tuple(json.loads(parameters.get("allowed_updates", "[]")))
        self.webhook = _Webhook(url, parameters.get("secret_token", ""), allowed)
        return True

    def _delete_webhook(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        self.webhook = _Webhook()
        if parameters.get("drop_pending_updates") == "true":
            self.pending.clear()
        return True

    def _get_webhook_info(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        info: dict[str, Any] = {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if self.webhook.error_at:
            info["last_error_date"] = self.webhook.error_at
            info["last_error_message"] = "Wrong response from the webhook: 503 Service Unavailable"
        return info

    async def _get_updates(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        if self.webhook.url:
            raise Error(
                409,
                "Conflict: can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first",
            )
        self._asking += 1
        mine, offset = self._asking, int(parameters.get("offset", 0))
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()
        until = time.monotonic() + int(parameters.get("timeout", 0))
        while not self.pending and time.monotonic() < until:
            await asyncio.sleep(0.01)
            if mine != self._asking:
                raise Error(
                    409,
                    "Conflict: terminated by other getUpdates request;"
                    " make sure that only one bot instance is running",
                )
        return list(self.pending)[: int(parameters.get("limit", 100))]

    def _get_file(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        file_id = parameters["file_id"]
        if file_id not in self._files:
            raise Error(400, "Bad Request: invalid file_id")
        size = len(self._files[file_id])
        if size > DOWNLOAD_BYTES:
            raise Error(400, "Bad Request: file is too big")
        path = f"photos/{file_id}.jpg"
        return {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": size, "file_path": path}

    def _leave_chat(self, parameters: dict[str, str], files: dict[str, bytes]) -> Any:
        self.left.append(int(parameters["chat_id"]))
        return True

    async def _download(self, request: Request) -> Response:
        name = request.path_params["path"].rpartition("/")[2].removesuffix(".jpg")
        if failures := self._failures["file"]:
            failure = failures.popleft()
            assert isinstance(failure, Response)
            return failure
        if request.path_params["token"] != TOKEN or name not in self._files:
            return Response("Not Found", 404)
        return Response(self._files[name], media_type="application/octet-stream")

    # --- chats -----------------------------------------------------------------------------------

    def _open_chat(self, parameters: dict[str, str]) -> Chat:
        chat = self.chats.get(int(parameters["chat_id"]))
        if chat is None:
            raise Error(*NO_CHAT)
        if chat.deactivated:
            raise Error(*DEACTIVATED)
        if chat.blocked:
            raise Error(*BLOCKED)
        if not chat.started:
            raise Error(*NOT_STARTED)
        return chat

    def _show(self, kind: str, text: str, parameters: dict[str, str], content: bytes = b"") -> Any:
        chat, markup = self._open_chat(parameters), check_markup(parameters.get("reply_markup"))
        now, before = time.monotonic(), self._sent_at.get(chat.chat_id, 0.0)
        if self.chat_rate is not None and now - before < 1 / self.chat_rate:
            raise too_many(1)
        self._sent_at[chat.chat_id] = now
        assert "parse_mode" not in parameters, "citizens' words are no markup"
        preview = json.loads(parameters.get("link_preview_options", "{}"))
        shown = Shown(self.next_message_id(), kind, text, markup, content, preview)
        chat.shown.append(shown)
        return self._message(chat, shown)

    def _message(self, chat: Chat, shown: Shown) -> dict[str, Any]:
        message = {
            "message_id": shown.message_id,
            "from": self._get_me({}, {}),
            "chat": {"id": chat.chat_id, "type": chat.kind},
            "date": int(time.time()),
        }
        if "inline_keyboard" in shown.markup:
            message["reply_markup"] = shown.markup
        return message | {"text" if shown.kind == "text" else "caption": shown.text}


async def _parameters(request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
    """Query, form or multipart, all of which the Bot API takes ("Making requests")."""
    parameters = dict(request.query_params)
    files: dict[str, bytes] = {}
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.json()
        return parameters | {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}, files
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = await value.read()
            else:
                parameters[name] = value
    return parameters, files


def _file(reference: str, files: dict[str, bytes]) -> bytes:
    content = files.get(reference.removeprefix("attach://"), b"")
    if not content:
        raise Error(400, "Bad Request: file must be non-empty")
    return content
