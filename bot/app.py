"""The residents' listener: every channel's routes, the signed links, health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from backend import health, metrics
from backend.attachments import elsewhere
from backend.attachments.elsewhere import AllowFilesHost, file_links
from backend.live import Live
from backend.running_model import RunningModel
from backend.secret_key import secret_key
from backend.settings import Settings, load_settings
from bot.channel import Listening
from bot.compose import composed
from bot.pages import routes as pages
from bot.pages import trouble
from bot.pages.rendering import Pages
from bot.presence import present
from bot.registry import CHANNELS
from nlu.train import current_hash

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
"""How long what failed beside the routes rests before it is started again."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI app; its parts are opened when it starts and closed when it ends."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with present(chosen) as own, composed(own) as made:
            if made.parts.spare is not None:
                # To be opened when nothing has time any more would be too late.
                await made.parts.spare.ping()
            live = Live(made.parts.database.conninfo, made.redis)
            await live.start()
            listening = Listening(chosen, made.parts, live, made.redis, secret_key(chosen))
            beside: list[asyncio.Task[None]] = []
            for registration in CHANNELS:
                if registration.name in made.channels:
                    channel = made.channels[registration.name]
                    # As they are: FastAPI looks through included ones anew at every request.
                    app.router.routes.extend(registration.router(listening, channel).routes)
                    if registration.beside is not None:
                        run = partial(registration.beside, listening, channel)
                        beside.append(asyncio.create_task(_for_ever(registration.name, run)))
                elif registration.closed is not None:
                    app.include_router(registration.closed())
            app.include_router(pages.router(listening))
            if links is not None:
                app.include_router(elsewhere.router(links, made.parts.database, made.parts.files))
            nlu = made.parts.nlu
            model = RunningModel(nlu.model, current_hash)
            app.include_router(
                health.router(made.parts.database, made.redis, nlu_state=nlu.check, model=model)
            )
            try:
                yield
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                await live.close()

    links = file_links(chosen)
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    if links is not None:
        app.add_middleware(AllowFilesHost, origin=links.origin)
    metrics.install_for_residents(app, chosen.metrics_token)
    trouble.install(app, Pages(chosen.centre_name, pages.REASON_LIMIT))
    return app


async def _for_ever(channel: str, run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception as error:
            facts = {"channel": channel, "error": type(error).__name__}
            logger.exception("failed beside the routes", exc_info=False, extra=facts)
        await asyncio.sleep(AGAIN_SECONDS)
