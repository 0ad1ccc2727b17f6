"""How many customer service messages WeChat still allows, by what the resident did last.

Documentation of service accounts, 发送客服消息 (sendCustomMessage): 5 within 48 hours of a message, 3 within
a minute of a click on the menu, a follow or a scan; a further one renews an allowance, it adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.conversations.standing import Standing


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many messages for so long."""

    messages: int
    lasts: timedelta


WROTE = Allowance(5, timedelta(hours=48))
TOUCHED = Allowance(3, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Share:
    """How many messages go on account of which contact."""

    wrote: int = 0
    touched: int = 0


class NotAllowed(Exception):
    """WeChat would refuse; the text is the reason's code: window_closed, too_many."""


def share(standing: Standing, messages: int, now: datetime) -> Share:
    """On whose account so many messages go, the one that ends first before the other; raises NotAllowed."""
    touched = _left(TOUCHED, standing.touched_at, standing.since_touched, now)
    wrote = _left(WROTE, standing.wrote_at, standing.since_wrote, now)
    if touched is None and wrote is None:
        raise NotAllowed("window_closed")
    if (touched or 0) + (wrote or 0) < messages:
        raise NotAllowed("too_many")
    on_touch = min(messages, touched or 0)
    return Share(wrote=messages - on_touch, touched=on_touch)


def _left(allowance: Allowance, since: datetime | None, sent: int, now: datetime) -> int | None:
    """What is left of an allowance, None when it is over."""
    if since is None or now >= since + allowance.lasts:
        return None
    return max(0, allowance.messages - sent)
