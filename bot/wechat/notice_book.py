"""What must be known before a notice is sent, and what is written down of it: shared by all processes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.conversations import consents, reports
from backend.conversations import standing as standings
from backend.conversations.standing import Standing
from backend.conversations.views import Sender
from backend.db.database import Database, DatabaseUnavailable
from backend.db.work import Work
from backend.organisation import channel_documents
from bot.wechat.errors import NotReached
from bot.wechat.notice_forms import DOCUMENT, NoticeError, NoticeForm, read

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prospects:
    """How a resident stands towards notices, and this message's own past."""

    forms: tuple[NoticeForm, ...]
    standing: Standing
    consents: Mapping[str, int]
    lost_ways: frozenset[str]
    now: datetime


class NoticeBook:
    """Forms, consents and refusals in the database."""

    def __init__(self, database: Database) -> None:
        """Shared by whoever has this database."""
        self._database = database

    async def open(self, sender: Sender, outgoing_id: int) -> Prospects | None:
        """None when there are no forms or no such resident; raises NotReached without the database."""
        try:
            async with self._database.work() as work:
                forms = await self._forms(work)
                standing = await standings.look(work, sender) if forms else None
                if standing is None:
                    return None
                asked = [form.template_id for form in forms if form.by == "notice"]
                prospects = Prospects(
                    forms,
                    standing,
                    await consents.left(work, standing.resident_id, asked),
                    await reports.lost_ways(work, outgoing_id),
                    work.now,
                )
                await work.commit()
                return prospects
        except DatabaseUnavailable:
            raise NotReached("no_ledger") from None

    async def _forms(self, work: Work) -> tuple[NoticeForm, ...]:
        stored = await channel_documents.newest(work, DOCUMENT)
        try:
            return read(stored.document) if stored is not None else ()
        except NoticeError:
            # It was checked when it was stored: a later version of the software knows other messages.
            logger.exception("notices cannot be used", exc_info=False)
            return ()

    async def take(self, resident_id: int, template_id: str) -> bool:
        """Use one consent; False when there is none left. Raises NotReached."""
        try:
            async with self._database.work() as work:
                taken = await consents.use(work, resident_id, template_id, 1)
                await work.commit()
        except DatabaseUnavailable:
            raise NotReached("no_ledger") from None
        return taken

    async def give_back(self, resident_id: int, template_id: str) -> None:
        """The consent was not used after all."""
        try:
            async with self._database.work() as work:
                await consents.use(work, resident_id, template_id, -1)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("consent not given back: the database is away")

    async def refused(self, resident_id: int, template_id: str) -> None:
        """WeChat knows of no consent."""
        try:
            async with self._database.work() as work:
                await consents.refused(work, resident_id, template_id, work.now)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("refusal not noted: the database is away")

    async def close(self, standing: Standing, way: str, why: str, *, left: bool) -> None:
        """Nothing more this way before the resident's next contact; `left`: they do not follow."""
        try:
            async with self._database.work() as work:
                await standings.close(work, standing, way, why)
                if left:
                    await standings.mark_left(work, standing)
                await work.commit()
        except DatabaseUnavailable:
            logger.warning("refusal not noted: the database is away")
