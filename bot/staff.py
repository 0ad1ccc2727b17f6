"""The staff's listener with what the backend does not know by itself: the language model, our sentences."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from backend import app
from backend.settings import load_settings
from bot.registry import pictures_as
from handlers.offered import offered
from handlers.rendering import in_chinese
from nlu.train import current_hash


def create_app() -> FastAPI:
    """The ASGI app, for `uvicorn --factory bot.staff:create_app`."""
    settings = load_settings()
    return app.create_app(
        settings,
        present_model=current_hash,
        in_chinese=in_chinese,
        offered=offered,
        pictures_as=partial(pictures_as, settings),
    )
