"""What a channel is to the composition roots: something to send with, and the routes it listens on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import APIRouter
from redis.asyncio import Redis

from backend.db.database import Database
from backend.live import Live
from backend.settings import Settings
from handlers.messages import Channel
from handlers.parts import Parts

C = TypeVar("C", bound=Channel)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", None})
"""Hosts of a PUBLIC_URL that only this machine reaches."""


@dataclass(frozen=True)
class Surroundings:
    """What a channel may use to reach its own server: shared by all processes of an installation."""

    settings: Settings
    database: Database
    redis: Redis | None


@dataclass(frozen=True)
class Listening:
    """What a channel's routes are given."""

    settings: Settings
    parts: Parts
    live: Live
    redis: Redis | None
    secret_key: str


@dataclass(frozen=True)
class Registration(Generic[C]):
    """One channel: its name, whether the settings switch it on, how to make it and its routes."""

    name: str
    enabled: Callable[[Settings], bool]
    channel: Callable[[Surroundings], C]
    router: Callable[[Listening, C], APIRouter]
    """Called for a channel that is switched on."""
    check: Callable[[Settings], object] | None = None
    """Raises SettingsError when the channel is switched on with settings that it cannot use."""
    closed: Callable[[], APIRouter] | None = None
    """Routes that say which setting is missing, for a channel that is off."""
    beside: Callable[[Listening, C], Awaitable[None]] | None = None
    """Runs beside the routes of every listener, until it is cancelled; started again when it fails."""
    close: Callable[[C], Awaitable[None]] | None = None
    """Called at the end, while everything else is still open."""
    pictures: Callable[[Settings], bool] = lambda settings: True
    """What `images` of its capabilities will be with these settings, for who does not open the channel."""
