"""A child's output as a rotating file of JSON lines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5


class LogFile:
    """Takes lines as they come; what is not JSON yet becomes a JSON line with a time."""

    def __init__(self, directory: Path, service: str) -> None:
        """Lines go to `directory/service.log`, at most 10 MB, and five older ones beside it."""
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / f"{service}.log"
        self._service = service
        self._handler = RotatingFileHandler(
            self.path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )

    def write(self, line: str) -> None:
        """Append one line (without its end)."""
        if not line.startswith("{"):
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = json.dumps({"at": at, "service": self._service, "message": line}, ensure_ascii=False)
        self._handler.emit(logging.makeLogRecord({"msg": "%s", "args": (line,)}))

    def close(self) -> None:
        """Give the file back."""
        self._handler.close()
