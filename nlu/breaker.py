"""A circuit breaker: after some failures in a row nobody asks for a while, then one probe decides."""

from __future__ import annotations

from collections.abc import Callable


class Breaker:
    """Closed, open, or half-open with one probe under way."""

    def __init__(self, *, failures: int, pause_seconds: float, monotonic: Callable[[], float]) -> None:
        """Opens after `failures` in a row, for `pause_seconds` of the `monotonic` clock."""
        self._limit = failures
        self._pause = pause_seconds
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at = 0.0
        self._probing = False

    @property
    def closed(self) -> bool:
        """Whether everybody may ask."""
        return self._failures < self._limit

    def allows(self) -> bool:
        """Whether to ask now; on an open circuit one caller is let through after the pause."""
        if self.closed:
            return True
        if self._probing or self._monotonic() - self._opened_at < self._pause:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """An answer came in time."""
        self._failures = 0
        self._probing = False

    def failed(self) -> None:
        """None came, or a useless one."""
        self._failures += 1
        self._probing = False
        self._opened_at = self._monotonic()
