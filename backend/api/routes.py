"""The JSON API of the staff side: the same rules as the workbench, for programs."""

from __future__ import annotations

from fastapi import FastAPI

from backend.api import cases, docs, overview, security


def install(app: FastAPI) -> None:
    """Add the API's routes."""
    for part in (security, cases, overview, docs):
        app.include_router(part.router)
