"""The parts that handlers join: made once by a composition root, passed to every handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from backend.attachments.limits import Limits
from backend.attachments.store import FileStore
from backend.db.database import Database
from backend.domain.quiet_hours import QuietHours
from backend.organisation.rules import RuleBook
from handlers.flood import FloodLimit
from handlers.messages import Channel
from handlers.recent import Recent
from nlu.client import NluClient
from nlu.speech import SpeechToText


@dataclass(frozen=True)
class Parts:
    """Everything a handler needs from outside."""

    database: Database
    rules: RuleBook
    nlu: NluClient
    flood: FloodLimit
    files: FileStore
    channels: Mapping[str, Channel]
    quiet_hours: QuietHours | None
    live_chat_wait: timedelta
    limits: Limits
    """How much of files is kept."""
    progress_link: Callable[[str, int, int], str | None]
    """The address of a case's own page (channel, case id, resident id); None where it could not be opened."""
    survey_link: Callable[[str, int, int, int], str | None]
    """The address of a round's survey (channel, case id, resident id, round); None as above."""
    picture_link: Callable[[str, int, int], str | None]
    """The address of the picture in one message (channel, outgoing id, conversation id); None as above."""
    speech: SpeechToText | None = None
    """Writes down what recordings say; None: nobody does."""
    recent: Recent = field(default_factory=Recent)
    """Where conversations stood when this process last answered in them."""
    spare: Database | None = None
    """The database over connections of its own, for what must be kept at once; None: the others will do."""
