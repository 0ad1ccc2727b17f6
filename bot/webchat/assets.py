"""The page's files: our own scripts and styles, and WeUI as set-up has installed it."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.settings import SettingsError
from bot.webchat.page import STATIC

WEUI = Path(__file__).parents[2] / "node_modules" / "weui" / "dist" / "style"
PAGES = Path(__file__).parents[1] / "pages" / "static"


class _Files(StaticFiles):
    """Static files that a browser asks about each time, so that scripts of two versions never meet."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount_assets(routes: APIRouter) -> None:
    """Serve them under /assets. Raises SettingsError when set-up has not installed WeUI."""
    if not WEUI.is_dir():
        raise SettingsError("the browser assets are not installed: run `make setup`")
    routes.mount("/assets/weui", _Files(directory=WEUI), name="weui")
    routes.mount("/assets/chat", _Files(directory=STATIC), name="chat")
    routes.mount("/assets/pages", _Files(directory=PAGES), name="pages")
