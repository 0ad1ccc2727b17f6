"""A message whose answer takes longer than its channel waits: kept at once, worked on for certain."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.conversations import outbox, stash
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from dialogs.messages import Contact, Location
from handlers.incoming import Handled, handle
from handlers.messages import IncomingAttachment, IncomingMessage
from handlers.parts import Parts

logger = logging.getLogger(__name__)


async def keep(parts: Parts, message: IncomingMessage) -> None:
    """Make sure that this message is worked on even if this process dies; raises DatabaseUnavailable.

    Only for channels whose attachments are still at the channel: bytes are not kept here.
    """
    async with parts.database.work() as work:
        await stash.put(work, message.sender, message.message_id, _stored(message))
        await work.commit()


async def settle(parts: Parts, message: IncomingMessage, handled: Handled) -> None:
    """What was kept is worked on: push the reply that no response carried, and forget it here."""
    async with parts.database.work() as work:
        promised_at = await stash.remove(work, message.sender, message.message_id)
        if promised_at is not None:
            await outbox.push_replies(work, handled.incoming_id, promised_at)
        await work.commit()


async def take_up(parts: Parts) -> int:
    """Work on what was kept; a message that was worked on meanwhile changes nothing. How many there were."""
    async with parts.database.work() as work:
        due = [_message(stored) for stored in await stash.due(work)]
    for message in due:
        try:
            await settle(parts, message, await handle(parts, message))
        except DatabaseUnavailable:
            raise
        except Exception as error:
            # One message that cannot be worked on must not hold up the others; it stays, and is tried again.
            facts = {"message_id": message.message_id, "error": type(error).__name__}
            logger.exception("kept message not worked on", exc_info=False, extra=facts)
    return len(due)


def _stored(message: IncomingMessage) -> dict[str, Any]:
    stored = dataclasses.asdict(message)
    stored["at"] = message.at.isoformat()
    for attachment in stored["attachments"]:
        attachment.pop("content")
    return stored


def _message(stored: Mapping[str, Any]) -> IncomingMessage:
    fields = dict(stored)
    fields["sender"] = Sender(**fields["sender"])
    fields["at"] = datetime.fromisoformat(fields["at"])
    fields["attachments"] = tuple(IncomingAttachment(**a) for a in fields["attachments"])
    fields["location"] = Location(**fields["location"]) if fields["location"] else None
    # Messages that an earlier version kept have no contact.
    fields["contact"] = Contact(**fields["contact"]) if fields.get("contact") else None
    return IncomingMessage(**fields)
