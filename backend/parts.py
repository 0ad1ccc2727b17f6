"""What the staff's routes work with, made once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from redis.asyncio import Redis

from backend.attachments.elsewhere import FileLinks
from backend.attachments.store import FileStore
from backend.conversations.views import OutgoingView
from backend.db.database import Database
from backend.domain.errors import CaseError
from backend.live import Live
from backend.organisation.rules import RuleBook
from backend.organisation.throttle import LoginThrottle
from backend.settings import Settings

InChinese = Callable[[OutgoingView], str]
"""What a message of ours says, in Chinese; empty when that is not known."""

Offered = Callable[[OutgoingView], Sequence[str]]
"""The choices beside a message of ours, with what to type for each; empty where its words list them."""
PicturesAs = Literal["shown", "link", "nothing"]
"""A picture in the chat, the address of a page with it, or only the news that there is one."""


@dataclass(frozen=True)
class StaffParts:
    """The open connections and the installation's settings."""

    settings: Settings
    database: Database
    live: Live
    redis: Redis | None
    rules: RuleBook
    throttle: LoginThrottle
    files: FileStore
    status_of: Callable[[CaseError], int]
    """The one table from a case's errors to HTTP."""
    file_links: FileLinks | None = None
    """Where files are served instead of here."""
    in_chinese: InChinese | None = None
    """None: staff read messages in the language in which they were sent."""
    offered: Offered | None = None
    """None: staff do not see what could be chosen."""
    pictures_as: Callable[[str], PicturesAs] = lambda channel: "shown"
    """What a picture that is sent to residents of a channel is for them."""


def parts_of(request: Request) -> StaffParts:
    """The parts of the app that serves this request."""
    parts: StaffParts = request.app.state.parts
    return parts


Parts = Annotated[StaffParts, Depends(parts_of)]


def address_of(request: Request) -> str:
    """Where a request comes from, as the server sees it (a proxy in front must be known to uvicorn)."""
    return request.client.host if request.client else ""
