"""A file that a resident sent is still at its channel: download it before the channel forgets it."""

from __future__ import annotations

import logging

from backend.attachments import service as attachments
from backend.conversations import entry
from handlers.parts import Parts

logger = logging.getLogger(__name__)

TRIES = 6


class FetchAgain(Exception):
    """The download did not work this time."""


async def fetch_attachment(parts: Parts, attachment_id: int, *, tries: int) -> None:
    """Download, check and store one attachment; `tries` counts those made before.

    Raises FetchAgain while another try makes sense; afterwards the attachment is marked failed for staff.
    """
    async with parts.database.work() as work:
        attachment = await attachments.find(work, attachment_id)
        if attachment is None or attachment.state != "pending":
            return
        address = await entry.address_of(work, attachment.conversation_id)
    try:
        content, name = await parts.channels[address.channel].fetch(attachment.remote_id or "")
    except LookupError:
        await _fail(parts, attachment_id, "gone")
        return
    except Exception as error:
        logger.warning(
            "attachment not downloaded", extra={"attachment_id": attachment_id, "error": type(error).__name__}
        )
        if tries + 1 >= TRIES:
            await _fail(parts, attachment_id, "unreachable")
            return
        raise FetchAgain from error
    mime = attachments.sniff(content)
    if len(content) > parts.attachment_max_bytes or mime is None:
        await _fail(parts, attachment_id, "unreadable" if mime is None else "too_big")
        return
    sha256 = await parts.files.put(content)
    async with parts.database.work() as work:
        await attachments.stored(work, attachment_id, mime=mime, size=len(content), sha256=sha256, name=name)
        work.wake(f"conversation:{attachment.conversation_id}")
        await work.commit()


async def _fail(parts: Parts, attachment_id: int, reason: str) -> None:
    async with parts.database.work() as work:
        await attachments.failed(work, attachment_id, reason)
        await work.commit()
