"""Join the parts for a process that serves residents: the app and the worker are made from the same ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from backend.attachments.limits import limits_of
from backend.attachments.store import FileStore
from backend.db.database import Clock, Database, utc_now
from backend.live import PostgresPublisher, RedisPublisher
from backend.organisation.rules import FollowUpTimes, RuleBook
from backend.redis_client import connect
from backend.secret_key import secret_key
from backend.settings import Settings, SettingsError
from bot.channel import Surroundings
from bot.pages.links import Links, PictureLink, ProgressLink, SurveyLink
from bot.registry import CHANNELS, opens_links
from handlers.flood import FloodLimit
from handlers.parts import Parts
from nlu.client import NluClient
from nlu.speech import HttpSpeech

SPARE = 4
"""Connections that only keep what cannot be worked on in time; none is opened before that."""


@dataclass(frozen=True)
class Composed:
    """The parts and what they were made with."""

    parts: Parts
    redis: Redis | None
    channels: Mapping[str, Any]
    """The channels that are switched on, as their own classes."""


class _Links:
    """Addresses of a resident's own pages, for those who can open them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._links = Links(secret_key(settings), settings.public_url)

    def progress(self, channel: str, case_id: int, resident_id: int) -> str | None:
        if not opens_links(self._settings, channel):
            return None
        return self._links.progress(ProgressLink(case_id, resident_id))

    def survey(self, channel: str, case_id: int, resident_id: int, round_: int) -> str | None:
        if not opens_links(self._settings, channel):
            return None
        return self._links.survey(SurveyLink(case_id, resident_id, round_))

    def picture(self, channel: str, outgoing_id: int, conversation_id: int) -> str | None:
        if not opens_links(self._settings, channel):
            return None
        return self._links.picture(PictureLink(outgoing_id, conversation_id))


def _speech(settings: Settings) -> HttpSpeech | None:
    if not settings.speech_url:
        return None
    key = settings.speech_key.get_secret_value() if settings.speech_key else ""
    return HttpSpeech(settings.speech_url, settings.speech_model, key)


@asynccontextmanager
async def composed(settings: Settings, *, clock: Clock = utc_now) -> AsyncIterator[Composed]:
    """Everything a handler needs, closed at the end. Raises SettingsError without a database address."""
    if not settings.database_url:
        raise SettingsError("DATABASE_URL is not set; `python -m bot.run` starts the embedded database")
    redis = connect(settings)
    publisher = RedisPublisher(redis) if redis else PostgresPublisher(settings.database_url)
    database = Database(settings.database_url, clock=clock, publisher=publisher)
    spare = Database(settings.database_url, clock=clock, publisher=publisher, pool_size=SPARE)
    surroundings = Surroundings(settings, database, redis)
    channels = {r.name: r.channel(surroundings) for r in CHANNELS if r.enabled(settings)}
    links = _Links(settings)
    nlu = NluClient(settings.nlu_url or None)
    speech = _speech(settings)
    parts = Parts(
        database=database,
        rules=RuleBook(
            FollowUpTimes(settings.follow_up_after, settings.follow_up_reminder, settings.follow_up_close)
        ),
        nlu=nlu,
        flood=FloodLimit(settings.flood_limit),
        files=FileStore(settings.data_dir / "attachments"),
        channels=channels,
        quiet_hours=settings.quiet_hours,
        live_chat_wait=settings.live_chat_wait,
        limits=limits_of(settings),
        speech=speech,
        spare=spare,
        progress_link=links.progress,
        survey_link=links.survey,
        picture_link=links.picture,
    )
    try:
        yield Composed(parts, redis, channels)
    finally:
        for registration in CHANNELS:
            if registration.close is not None and registration.name in channels:
                await registration.close(channels[registration.name])
        await nlu.aclose()
        if speech is not None:
            await speech.aclose()
        await database.close()
        await spare.close()
        if isinstance(publisher, PostgresPublisher):
            await publisher.aclose()
        if redis is not None:
            await redis.aclose()
