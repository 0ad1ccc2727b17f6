"""`POST /telegram`: where Telegram delivers updates; 200 only for what is committed."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re

from fastapi import APIRouter, Request, Response

from backend.db.database import DatabaseUnavailable
from backend.settings import Settings, SettingsError
from bot.limited_body import Incomplete, read_body
from bot.telegram.closed import PATH
from bot.telegram.intake import UPDATES, Intake
from bot.telegram.updates import Malformed, parse

logger = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""Carries the secret that setWebhook was given (Bot API, setWebhook: secret_token)."""

MAX_BODY = 1024 * 1024
"""Bytes; a message of 4096 characters that answers another one is a tenth of it."""

READ_SECONDS = 10.0

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def secret_of(settings: Settings, secret_key: str) -> str:
    """The secret in the header: TELEGRAM_WEBHOOK_SECRET, else one made from the shared key."""
    if settings.telegram_webhook_secret is not None:
        return settings.telegram_webhook_secret.get_secret_value()
    return hmac.new(secret_key.encode(), b"telegram webhook", hashlib.sha256).hexdigest()


def check_secret(settings: Settings) -> None:
    """Raise SettingsError when Telegram would not take TELEGRAM_WEBHOOK_SECRET."""
    secret = settings.telegram_webhook_secret
    if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
        raise SettingsError(
            "unusable settings: TELEGRAM_WEBHOOK_SECRET: 1 to 256 letters, digits, underscores and hyphens"
        )


def router(intake: Intake, secret: str) -> APIRouter:
    """The route in front of `intake`."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(PATH)
    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return _answer("forbidden", 403, "refused")
        try:
            body = await read_body(request, MAX_BODY, READ_SECONDS)
        except Incomplete:
            return _answer("incomplete", 408, "incomplete")
        if body is None:
            return _answer("too large", 413, "too_large")
        try:
            update = parse(body)
        except Malformed as error:
            # It would not be any better the next time, but somebody may have said something.
            logger.error("update cannot be read and is lost", extra={"update_id": error.update_id})
            return _answer("unreadable", 200, "malformed")
        try:
            await intake.take(update)
        except DatabaseUnavailable:
            return Response("try again", 503, media_type="text/plain")
        return Response("ok", media_type="text/plain")

    return routes


def _answer(words: str, status: int, outcome: str) -> Response:
    UPDATES.labels(outcome).inc()
    return Response(words, status, media_type="text/plain")
