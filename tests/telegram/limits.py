"""The Bot API's published limits and the words of its errors, as the emulator keeps to them.

Limits: "Telegram Bot API" (sendMessage, sendPhoto, sendDocument, getFile, InlineKeyboardButton, setWebhook,
getUpdates). The descriptions of errors are those of the open-source Bot API server.
"""

from __future__ import annotations

import json
from typing import Any

TEXT = 4096
CAPTION = 1024
BUTTON_DATA = 64
PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
WEBHOOK_PORTS = {443, 80, 88, 8443}
MIN_LABEL, MAX_COMMANDS = 1, 100


class Error(Exception):
    """An answer with `ok` false."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


BLOCKED = (403, "Forbidden: bot was blocked by the user")
DEACTIVATED = (403, "Forbidden: user is deactivated")
NOT_STARTED = (403, "Forbidden: bot can't initiate conversation with a user")
NO_CHAT = (400, "Bad Request: chat not found")


def too_many(seconds: int) -> Error:
    return Error(429, f"Too Many Requests: retry after {seconds}", seconds)


def check_text(text: str, longest: int, what: str) -> str:
    """The text as it is kept: trimmed, within its limit in UTF-16 code units."""
    text = text.strip()
    if len(text.encode("utf-16-le")) // 2 > longest:
        raise Error(400, f"Bad Request: {what} is too long")
    return text


def check_markup(raw: str | None) -> dict[str, Any]:
    """A keyboard, as its button's limits allow."""
    markup: dict[str, Any] = json.loads(raw) if raw else {}
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise Error(400, "Bad Request: BUTTON_TEXT_INVALID")
            if not 1 <= len(button.get("callback_data", "").encode()) <= BUTTON_DATA:
                raise Error(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup
