"""The workbench (工作台): the staff's pages in a browser."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from backend.workbench import alerts, candidates, cases, chats, dead_letters, events, files, login, staff
from backend.workbench.doorway import SeeOther, see_other
from backend.workbench.headers import SecureHeaders

_STATIC = Path(__file__).parent / "static"


def install(app: FastAPI) -> None:
    """Add the pages, their files, and the headers that keep them safe."""
    for part in (login, cases, chats, alerts, dead_letters, staff, candidates, files, events):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_exception_handler(SeeOther, see_other)
    app.add_middleware(SecureHeaders)
