"""A message whose answer takes longer than its channel waits: kept at once, worked on for certain."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.conversations import alerts, entry, outbox, stash
from backend.conversations.stash import Stashed
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from dialogs import danger
from dialogs.messages import Contact, Location, Say
from handlers import saying
from handlers.incoming import Handled, handle
from handlers.messages import IncomingAttachment, IncomingMessage
from handlers.parts import Parts
from nlu.safety import crises

logger = logging.getLogger(__name__)


async def keep(parts: Parts, message: IncomingMessage) -> None:
    """Make sure that this message is worked on even if this process dies; raises DatabaseUnavailable.

    Not over the connections that others work with: a message is late when they are all busy.
    Only for channels whose attachments are still at the channel: bytes are not kept here.
    """
    async with (parts.spare or parts.database).work() as work:
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
    """Work on what was kept; a message that was worked on meanwhile changes nothing. How many there were.

    One that cannot be worked on rests longer each time and holds up no other; in the end a person gets it.
    """
    number = 0
    while (stashed := await _take(parts)) is not None:
        number += 1
        if stashed.tries > stash.TRIES:
            # Its last try took the worker with it.
            await _give_up(parts, stashed)
        else:
            await _try(parts, stashed)
    return number


async def _take(parts: Parts) -> Stashed | None:
    async with parts.database.work() as work:
        stashed = await stash.take(work)
        await work.commit()
    return stashed


async def _try(parts: Parts, stashed: Stashed) -> None:
    try:
        async with asyncio.timeout(stash.NO_END.total_seconds()):
            message = _message(stashed.message)
            await settle(parts, message, await handle(parts, message))
    except DatabaseUnavailable:
        raise
    except Exception as error:
        facts = {"message_id": stashed.message_id, "error": type(error).__name__, "try": stashed.tries}
        logger.exception("kept message not worked on", exc_info=False, extra=facts)
    else:
        return
    if stashed.tries == 1 and (kinds := crises(_text(stashed))):
        await _warn(parts, stashed, kinds)
    if stashed.tries < stash.TRIES:
        async with parts.database.work() as work:
            await stash.postpone(work, stashed)
            await work.commit()
    else:
        await _give_up(parts, stashed)


async def _warn(parts: Parts, stashed: Stashed, kinds: Sequence[str]) -> None:
    """Danger does not wait for the tries: staff hear of it now, the resident reads whom to call."""
    says = tuple(Say(f"crisis.{card}") for card in danger.cards(kinds))
    await _report(parts, stashed, alerts.CRISIS, kinds, says)


async def _give_up(parts: Parts, stashed: Stashed) -> None:
    """Leave a message to the staff, and tell the resident so."""
    await _report(parts, stashed, alerts.STUCK, (), (Say("stuck.left_to_staff"),))


async def _report(
    parts: Parts, stashed: Stashed, kind: str, codes: Sequence[str], says: Sequence[Say]
) -> None:
    """Put it before the staff and say something once; what cannot be said keeps it from nobody."""
    for said in (says, ()):
        try:
            async with parts.database.work() as work:
                conversation = await entry.lock(work, stashed.sender)
                if kind != alerts.STUCK or await stash.give_up(work, stashed):
                    about = conversation.conversation_id
                    await alerts.raise_alert(work, kind, about, codes=codes)
                    key = f"stashed:{stashed.id}:{kind}"
                    await saying.push(work, about, said, kind="notice", dedup_key=key)
                await work.commit()
        except DatabaseUnavailable:
            raise
        except Exception as error:
            facts = {"message_id": stashed.message_id, "error": type(error).__name__}
            logger.exception("kept message not reported", exc_info=False, extra=facts)
        else:
            return


def _text(stashed: Stashed) -> str:
    return str(stashed.message.get("text", ""))


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
