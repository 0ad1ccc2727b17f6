"""JSON log lines on the standard error: ids and codes, never what a resident wrote."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_QUIET = (
    "httpx",
    "httpcore",
    "aiogram",
    "alembic",
    "wechatpy",
    "sqlalchemy",
    "PIL",
    "asyncio",
    "procrastinate",
)
"""Libraries whose ordinary lines carry addresses with tokens, or nothing that anybody reads."""

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Formatter(JsonFormatter):
    """A failure is its classes, its SQLSTATE and its places: its words may quote what a resident wrote."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatException(self, ei: Failure) -> str:  # noqa: N802
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            state = getattr(error, "sqlstate", None)
            lines.append(
                f"{type(error).__module__}.{type(error).__qualname__}{f' [{state}]' if state else ''}"
            )
            frames = traceback.extract_tb(error.__traceback__)
            lines.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def configure_logging(service: str, level: int = logging.INFO) -> None:
    """Send everything this process logs to the standard error, one JSON object a line, named `service`."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Formatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
            static_fields={"service": service},
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            json_ensure_ascii=False,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Requests are counted in the metrics; their lines would carry addresses of residents and signed links.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)
