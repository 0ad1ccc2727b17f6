"""What an answer of the Bot API means for a message that was to be sent.

Telegram publishes the form of an error (error_code, description, parameters.retry_after: Bot API, "Making
requests"), no list of them; the descriptions here are those of its open-source server.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError
from prometheus_client import Counter

from handlers.messages import Outcome, TryLater, Undeliverable

logger = logging.getLogger(__name__)

REFUSALS = Counter("fengqiao_telegram_refusals", "Calls that Telegram refused, by what it meant", ["code"])


class OutcomeUnknown(Exception):
    """The call may have got to Telegram, but no answer came back that says so."""


_AT_NEXT_CONTACT = {
    "bot was blocked by the user": "blocked_by_user",
    "bot can't initiate conversation": "not_started",
    "chat not found": "chat_not_found",
}
"""The resident can mend it, by coming back."""

_NEVER = {"user is deactivated": "account_deleted", "bot can't send messages to bots": "is_a_bot"}

_TO_BE_MENDED = frozenset({"telegram_401_token_refused", "telegram_400_bad_request"})
"""Our configuration or our mistake."""

_PICTURE = (
    "photo_invalid_dimensions",
    "image_process_failed",
    "photo_save_file_invalid",
    "photo_ext_invalid",
)


def outcome_of(error: AiogramError) -> Outcome:
    """What becomes of the message; raises OutcomeUnknown when nobody knows whether it arrived."""
    outcome = _outcome(error)
    if outcome.reason in _TO_BE_MENDED:
        logger.error("Telegram refuses, a person must look", extra={"code": outcome.reason})
    REFUSALS.labels(outcome.reason).inc()
    return outcome


def was_taken(error: AiogramError) -> bool:
    """Whether Telegram did it, and aiogram only cannot read the message that it answers with."""
    return (
        isinstance(error, ClientDecodeError) and isinstance(error.data, dict) and error.data.get("ok") is True
    )


def is_no_photo(error: AiogramError) -> bool:
    """Whether Telegram does not take a picture as a photo: as a file it may."""
    return isinstance(error, TelegramBadRequest) and any(word in _described(error) for word in _PICTURE)


def _outcome(error: AiogramError) -> TryLater | Undeliverable:
    match error:
        case TelegramRetryAfter():
            return TryLater("telegram_429_too_fast", after=timedelta(seconds=error.retry_after))
        case TelegramEntityTooLarge():
            return Undeliverable("telegram_413_too_large")
        case TelegramNetworkError() if isinstance(
            error.__cause__, ClientConnectorError | ConnectionTimeoutError
        ):
            return TryLater("telegram_unreachable")
        case TelegramUnauthorizedError() | TelegramNotFound():
            # An operator mends it; until then nothing is given up.
            return TryLater("telegram_401_token_refused")
        case TelegramForbiddenError() | TelegramBadRequest():
            return _refusal(error)
        case TelegramNetworkError() | TelegramServerError():
            raise OutcomeUnknown(type(error).__name__) from None
        case TelegramAPIError():
            return TryLater("telegram_refused")
    raise OutcomeUnknown(type(error).__name__) from None


def _refusal(error: TelegramForbiddenError | TelegramBadRequest) -> Undeliverable:
    status = 403 if isinstance(error, TelegramForbiddenError) else 400
    described = _described(error)
    for words, code in _AT_NEXT_CONTACT.items():
        if words in described:
            return Undeliverable(f"telegram_{status}_{code}", at_next_contact=True)
    for words, code in _NEVER.items():
        if words in described:
            return Undeliverable(f"telegram_{status}_{code}")
    if status == 403:
        return Undeliverable("telegram_403_refused_by_user", at_next_contact=True)
    return Undeliverable("telegram_400_bad_request")


def _described(error: TelegramAPIError) -> str:
    """Telegram's words, in lower case; there may be none."""
    return str(error.message or "").lower()
