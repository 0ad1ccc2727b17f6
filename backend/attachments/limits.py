"""How much may be sent: bytes of one file by what it is, files and bytes of one conversation in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backend.settings import Settings

DAY = timedelta(days=1)
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an installation."""

    file: int = 10 * MEGABYTE
    """Bytes of one picture, recording or document."""
    video: int = 20 * MEGABYTE
    """Bytes of one video."""
    day_files: int = 100
    """Files of one conversation in 24 hours."""
    day_bytes: int = 200 * MEGABYTE
    """Bytes of one conversation in 24 hours."""

    @property
    def largest(self) -> int:
        """Bytes of the longest file of any kind."""
        return max(self.file, self.video)

    def of(self, kind: str) -> int:
        """Bytes that a file of this kind may have."""
        return self.video if kind == "video" else self.file


def limits_of(settings: Settings) -> Limits:
    """How much of files an installation keeps."""
    return Limits(
        settings.attachment_max_bytes,
        settings.video_max_bytes,
        settings.attachments_per_day,
        settings.attachment_bytes_per_day,
    )


def megabytes(size: int) -> str:
    """A size for a person: 10MB."""
    return f"{size / MEGABYTE:.0f}MB"
