"""A circuit breaker: leaves a failing service alone for a while, then tries it with one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal


class CircuitBreaker:
    """Closed lets everything through, open nothing, half-open one request, whose outcome decides.

    Args:
        clock: monotonic seconds.
        failures: consecutive failures that open it.
        pause: seconds that it stays open.

    """

    def __init__(self, clock: Callable[[], float], *, failures: int, pause: float) -> None:
        self._clock = clock
        self._limit = failures
        self._pause = pause
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """Where it stands now."""
        if self._opened_at is None:
            return "closed"
        return "half-open" if self._clock() - self._opened_at >= self._pause else "open"

    def allows(self) -> bool:
        """Say whether a request may be made; when yes, its outcome must be reported."""
        state = self.state
        if state != "half-open":
            return state == "closed"
        if self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """Close it."""
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self) -> None:
        """Count a failure; the last one allowed, or that of the half-open request, opens it."""
        self._failures += 1
        if self._probing or self._failures >= self._limit:
            self._opened_at = self._clock()
        self._probing = False

    def abandoned(self) -> None:
        """Take back a request that was cancelled before it had an outcome."""
        self._probing = False
