"""The page's files: our own scripts and styles, and WeUI as set-up has installed it."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import APIRouter
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.settings import SettingsError
from bot.webchat.page import STATIC

WEUI = Path(__file__).parents[2] / "node_modules" / "weui" / "dist" / "style"
COMPRESS_FROM = 1024
"""Bytes."""
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
    for name, folder in (("weui", WEUI), ("chat", STATIC), ("pages", PAGES)):
        # Compressed, WeUI is 25 KB instead of 190: the first words wait for it on a slow network.
        routes.mount(f"/assets/{name}", GZipMiddleware(_Files(directory=folder), COMPRESS_FROM, 6), name=name)
