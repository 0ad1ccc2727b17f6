"""The staff's listener with what the backend does not know by itself: the present language model."""

from __future__ import annotations

from fastapi import FastAPI

from backend import app
from nlu.train import current_hash


def create_app() -> FastAPI:
    """The ASGI app, for `uvicorn --factory bot.staff:create_app`."""
    return app.create_app(present_model=current_hash)
