"""A file that a resident sent is still at its channel: download it before the channel forgets it."""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.attachments import service as attachments
from backend.attachments.cleaning import Clean
from backend.attachments.names import kept_name
from backend.attachments.service import Attachment, Today
from backend.conversations import entry
from backend.db.work import Work
from dialogs import photo_place
from dialogs.messages import Say
from handlers import saying
from handlers.parts import Parts
from handlers.reception import Refused, checked, located, over

logger = logging.getLogger(__name__)

KEPT_THERE = timedelta(days=3)
"""How long WeChat keeps a file (Telegram longer); as long it is tried."""


class FetchAgain(Exception):
    """The download did not work this time."""


async def fetch_attachment(parts: Parts, attachment_id: int) -> None:
    """Download, check, clean and store one attachment.

    Raises FetchAgain while another try makes sense; afterwards the resident is asked to send it again.
    """
    async with parts.database.work() as work:
        attachment = await attachments.find(work, attachment_id)
        if attachment is None or attachment.state != "pending":
            return
        address = await entry.address_of(work, attachment.conversation_id)
        too_old = work.now - attachment.created_at > KEPT_THERE
    try:
        channel = parts.channels.get(address.channel)
        if channel is None:
            raise ConnectionError("the channel is switched off")
        content, name = await channel.fetch(attachment.remote_id or "")
    except LookupError:
        await _fail(parts, attachment, "gone", Say("attachment.not_received"))
        return
    except Exception as error:
        logger.warning(
            "attachment not downloaded", extra={"attachment_id": attachment_id, "error": type(error).__name__}
        )
        if too_old:
            await _fail(parts, attachment, "unreachable", Say("attachment.not_received"))
            return
        raise FetchAgain from error
    await _read(parts, attachment, content, name)


async def _read(parts: Parts, attachment: Attachment, content: bytes, name: str) -> None:
    """Keep or refuse what was downloaded; what killed the process twice while it was read is refused."""
    if not await _noted(parts, attachment, attachments.tries(attachment) + 1):
        logger.warning("attachment given up", extra={"attachment_id": attachment.id})
        await _fail(parts, attachment, "unreadable", Say("attachment.unreadable"))
        return
    try:
        kept = await checked(content, attachment.kind, parts.limits)
        await _keep(parts, attachment, kept, kept_name(attachment.name or name, kept.mime))
    except Refused as refused:
        await _fail(parts, attachment, refused.reason, refused.says)
    except Exception:
        await _noted(parts, attachment, 0)
        raise


async def _noted(parts: Parts, attachment: Attachment, tries: int) -> bool:
    async with parts.database.work() as work:
        noted = await attachments.note_tries(work, attachment.id, tries)
        await work.commit()
    return noted


async def _keep(parts: Parts, attachment: Attachment, kept: Clean, name: str) -> None:
    sha256 = await parts.files.put(kept.content)
    async with parts.database.work() as work:
        before = await attachments.today(work, attachment.conversation_id)
        # It is counted there already, without its bytes.
        enough = over(parts.limits, Today(before.files - 1, before.size), len(kept.content))
        if enough is None:
            await _note_place(work, attachment, kept)
            await attachments.stored(
                work, attachment.id, mime=kept.mime, size=len(kept.content), sha256=sha256, name=name
            )
            work.wake(f"conversation:{attachment.conversation_id}")
            await work.commit()
    if enough is not None:
        await _fail(parts, attachment, "enough_today", enough)


async def _note_place(work: Work, attachment: Attachment, kept: Clean) -> None:
    """Tell the dialogue where the photo was taken, so that it can ask whether that may be noted down."""
    taken_at = located(kept.taken_at)
    if taken_at is None:
        return
    conversation = await entry.lock_by_id(work, attachment.conversation_id)
    state = photo_place.photo_taken(conversation.state, attachment.id, taken_at, work.now)
    await entry.save_state(work, attachment.conversation_id, state, heard=False)


async def _fail(parts: Parts, attachment: Attachment, reason: str, says: Say) -> None:
    async with parts.database.work() as work:
        await attachments.failed(work, attachment.id, reason)
        await saying.push(
            work,
            attachment.conversation_id,
            (says,),
            kind="notice",
            dedup_key=f"attachment:{attachment.id}",
        )
        await work.commit()
