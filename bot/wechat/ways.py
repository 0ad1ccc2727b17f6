"""One way to hand a message over, and what it says when it cannot be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.conversations.views import Sender
from handlers.messages import Outcome, Rendered, TryLater, Undeliverable


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A way that cannot be taken now: the next one may do."""

    way: str
    why: str
    """A code for staff: window_closed, too_many …"""
    otherwise: TryLater | Undeliverable | None = None
    """What becomes of the message when no other way is left; None: what the way before said."""


class Way(Protocol):
    """Customer service messages, notices …"""

    async def send(self, address: Sender, message: Rendered, passed: list[PassedOver]) -> Outcome | None:
        """Hand one message over; None when it cannot be, the reasons then are added to `passed`.

        An exception means that the outcome is unknown.
        """


def told(passed: Sequence[PassedOver]) -> tuple[str, ...]:
    """What was passed over, as an attempt keeps it: `custom:window_closed`."""
    return tuple(f"{way.way}:{way.why}" for way in passed)
