"""The staff's listener (composition root): workbench, JSON API, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from backend import health, metrics, redis_client
from backend.api import routes as api
from backend.api.errors import case_error, failed, invalid, is_api, status_of, unavailable
from backend.attachments import elsewhere
from backend.attachments.elsewhere import AllowFilesHost, file_links
from backend.attachments.store import FileStore
from backend.db.database import Clock, Database, DatabaseUnavailable, utc_now
from backend.domain.errors import CaseError
from backend.live import Live, RedisPublisher
from backend.organisation.rules import FollowUpTimes, RuleBook
from backend.organisation.throttle import LoginThrottle
from backend.parts import InChinese, Offered, PicturesAs, StaffParts
from backend.running_model import RunningModel
from backend.settings import Settings, SettingsError, load_settings
from backend.workbench import errors as pages
from backend.workbench import site as workbench

ASSETS = Path(__file__).parent.parent / "node_modules"
LARGEST_BODY = 64 * 1024
"""Bytes of a form or a JSON body; pictures have a limit of their own."""


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = utc_now,
    present_model: Callable[[], str] | None = None,
    in_chinese: InChinese | None = None,
    offered: Offered | None = None,
    pictures_as: Callable[[str], PicturesAs] = lambda channel: "shown",
) -> FastAPI:
    """The ASGI app; it reads the settings when given none.

    `present_model` gives the fingerprint of the training data here; None = health does not compare.
    `in_chinese` puts what residents were told into words for staff, `offered` the choices they had;
    `pictures_as` says what a picture is for the residents of a channel.
    """
    settings = settings or load_settings()
    parts = _parts(settings, clock, in_chinese, offered, pictures_as)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.live.start()
        yield
        await parts.live.close()
        await parts.database.close()
        if parts.redis is not None:
            await parts.redis.aclose()

    app = FastAPI(
        title="Fengqiao",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        max_body_size=LARGEST_BODY,
    )
    app.state.parts = parts
    app.add_exception_handler(CaseError, _case_error)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _failed)
    nlu = health.NluHealth(settings.nlu_url)
    model = RunningModel(nlu.model, present_model)
    app.include_router(health.router(parts.database, parts.redis, nlu_state=nlu.state, model=model))
    metrics.install(app, parts.database)
    api.install(app)
    workbench.install(app)
    if parts.file_links is not None:
        app.include_router(elsewhere.router(parts.file_links, parts.database, parts.files))
        app.add_middleware(AllowFilesHost, origin=parts.file_links.origin)
    for name in ("htmx.org", "swagger-ui-dist"):
        files = StaticFiles(directory=ASSETS / name, check_dir=False)
        app.mount(f"/assets/{name}", files, name=f"assets-{name}")
    return app


def _parts(
    settings: Settings,
    clock: Clock,
    in_chinese: InChinese | None,
    offered: Offered | None,
    pictures_as: Callable[[str], PicturesAs],
) -> StaffParts:
    redis = redis_client.connect(settings)
    publisher = RedisPublisher(redis) if redis is not None else None
    if not settings.database_url:
        raise SettingsError("DATABASE_URL is not set; `python -m bot.run` starts the embedded database")
    database = Database(settings.database_url, clock=clock, publisher=publisher, careful=True)
    times = FollowUpTimes(settings.follow_up_after, settings.follow_up_reminder, settings.follow_up_close)
    return StaffParts(
        settings=settings,
        database=database,
        live=Live(database.conninfo, redis),
        redis=redis,
        rules=RuleBook(times),
        throttle=LoginThrottle(settings.redis_url),
        files=FileStore(settings.data_dir / "attachments"),
        status_of=status_of,
        file_links=file_links(settings),
        in_chinese=in_chinese,
        offered=offered,
        pictures_as=pictures_as,
    )


async def _case_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CaseError)
    return case_error(error) if is_api(request) else pages.case_error(request, error, status_of(error))


async def _unavailable(request: Request, _error: Exception) -> Response:
    return unavailable() if is_api(request) else pages.unavailable(request)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if is_api(request):
        return await http_exception_handler(request, error)
    return pages.http_error(request, error)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid(error) if is_api(request) else pages.malformed(request)


async def _failed(request: Request, _error: Exception) -> Response:
    return failed() if is_api(request) else pages.failed(request)
