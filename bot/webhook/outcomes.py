"""What an integrator's answer means for a message that was posted.

Specification, "Delivery success and failure": 2xx is success and everything else is not, redirects included;
410 wants no more of it; Retry-After says when to come again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from handlers.messages import Outcome, Sent, TryLater, Undeliverable

logger = logging.getLogger(__name__)

LONGEST_REST = timedelta(hours=1)
"""However long the other side wants to be left alone: a slip of theirs must not silence us for years."""

_NAMES = {408: "timed_out", 429: "too_fast", 502: "unavailable", 503: "unavailable", 504: "unavailable"}


def outcome_of(status: int, retry_after: str, now: datetime) -> Outcome:
    """What becomes of the message; `retry_after` is the header, empty without one."""
    if 200 <= status < 300:
        return Sent("webhook")
    if status == 410:
        return Undeliverable("webhook_410_gone", at_next_contact=True)
    if status == 413:
        return Undeliverable("webhook_413_too_large")
    if status not in _NAMES and status < 500:
        # Their set-up or ours: nothing is given up before a person could mend it.
        logger.error("the integrator refuses, a person must look", extra={"status": status})
    reason = f"webhook_{status}_{_NAMES.get(status, 'not_taken')}"
    return TryLater(reason, after=_rest(retry_after, now), fewer=status == 429)


def _rest(header: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, Retry-After); None for anything else."""
    if header.isascii() and header.isdecimal():
        seconds = float(header[:9])
    else:
        try:
            at = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            # An offset or a year beyond what C can hold is no date either.
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - now).total_seconds()
    return max(timedelta(seconds=1), min(timedelta(seconds=seconds), LONGEST_REST))
