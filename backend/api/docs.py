"""`/api/docs`: the OpenAPI description to read and try, without anything from another host."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

router = APIRouter(prefix="/api", include_in_schema=False)

_START = Path(__file__).parent / "docs.js"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fengqiao API</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/swagger-ui-dist/swagger-ui.css">
<div id="docs"></div>
<script src="/assets/swagger-ui-dist/swagger-ui-bundle.js"></script>
<script src="/api/docs.js"></script>
</html>
"""


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Swagger's page, served from here."""
    return HTMLResponse(_PAGE)


@router.get("/docs.js")
async def start() -> FileResponse:
    """What starts it: a file, because the page allows no inline script."""
    return FileResponse(_START, media_type="text/javascript")
