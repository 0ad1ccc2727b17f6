"""Quiet hours: pushes that a timer started wait until the morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from backend.domain.deadlines import SHANGHAI


@dataclass(frozen=True)
class QuietHours:
    """A span of the day in Shanghai, which may pass midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> QuietHours | None:
        """Read `22:00-08:00`; empty text is no quiet hours. Raises ValueError on anything else."""
        if not text.strip():
            return None
        start, dash, end = text.partition("-")
        if not dash:
            raise ValueError("quiet hours look like 22:00-08:00")
        return cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))

    def release(self, now: datetime) -> datetime:
        """When something due at `now` may be sent: `now` itself outside the quiet hours."""
        local = now.astimezone(SHANGHAI)
        end = datetime.combine(local.date(), self.end, SHANGHAI)
        clock = local.time()
        if self.start <= self.end:
            quiet = self.start <= clock < self.end
        else:
            quiet = clock >= self.start or clock < self.end
            if clock >= self.start:
                end += timedelta(days=1)
        return end.astimezone(UTC) if quiet else now
