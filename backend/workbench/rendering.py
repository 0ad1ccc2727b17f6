"""Turn templates into pages: escaped, in Shanghai's time, with the visitor's counts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.db.work import Work
from backend.domain import private_numbers
from backend.domain.deadlines import SHANGHAI, WorkingCalendar, working_days_between
from backend.domain.lifecycle import ACTION_NAMES, ROLE_NAMES, STATUS_NAMES
from backend.organisation.reveals import masked_phone
from backend.organisation.sessions import Session
from backend.parts import StaffParts
from backend.statistics.desk import desk_counts
from backend.workbench import wording

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def moment(at: datetime) -> str:
    """`2026-11-21 20:43`, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """`不到1分钟`, `5分钟`, `3小时`, `2天`: how long something has lasted."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "不到1分钟"
    if minutes < 60:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 24 * 60 else f"{minutes // (24 * 60)}天"


def due_words(due: datetime, now: datetime, calendar: WorkingCalendar) -> str:
    """`剩3个工作日`, `今天到期`, `超期2个工作日`: whole working days between two dates in Shanghai."""
    today, day = now.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    days = working_days_between(min(today, day), max(today, day), calendar)
    if due < now:
        return f"超期{days}个工作日" if days else "今天已超期"
    return f"剩{days}个工作日" if days else "今天到期"


def filesize(size: int) -> str:
    """`830KB`, `1.2MB`."""
    return f"{size / 1024 / 1024:.1f}MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)}KB"


def duration(milliseconds: int | None) -> str:
    """`0:07`, `12:30`; empty while it is not known."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02}"


_environment.filters.update(filesize=filesize, duration=duration)
_environment.filters.update(moment=moment, ago=ago, masked=masked_phone, detail=wording.detail)
_environment.filters["hide_numbers"] = private_numbers.masked
_environment.globals.update(
    w=wording,
    word=wording.word,
    STATUS=STATUS_NAMES,
    ACTION=ACTION_NAMES,
    ROLE=ROLE_NAMES,
    due_words=due_words,
)


def render(name: str, **context: Any) -> str:
    """A template as text."""
    return _environment.get_template(name).render(**context)


async def page(
    parts: StaffParts,
    work: Work,
    session: Session,
    name: str,
    *,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """A whole page for somebody who is logged in."""
    counts = await desk_counts(work, session.member)
    return HTMLResponse(
        render(
            name,
            me=session.member,
            csrf=session.csrf,
            counts=counts,
            now=work.now,
            centre=parts.settings.centre_name,
            **context,
        ),
        status,
    )
