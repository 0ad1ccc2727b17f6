"""A file that a resident sent is still at its channel: download it before the channel forgets it."""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.conversations import entry
from dialogs.messages import Say
from handlers import saying
from handlers.parts import Parts

logger = logging.getLogger(__name__)

KEPT_THERE = timedelta(days=3)
"""How long WeChat keeps a file (Telegram longer); as long it is tried."""


class FetchAgain(Exception):
    """The download did not work this time."""


async def fetch_attachment(parts: Parts, attachment_id: int) -> None:
    """Download, check and store one attachment.

    Raises FetchAgain while another try makes sense; afterwards the resident is asked to send it again.
    """
    async with parts.database.work() as work:
        attachment = await attachments.find(work, attachment_id)
        if attachment is None or attachment.state != "pending":
            return
        address = await entry.address_of(work, attachment.conversation_id)
        too_old = work.now - attachment.created_at > KEPT_THERE
    try:
        content, name = await parts.channels[address.channel].fetch(attachment.remote_id or "")
    except LookupError:
        await _fail(parts, attachment, "gone")
        return
    except Exception as error:
        logger.warning(
            "attachment not downloaded", extra={"attachment_id": attachment_id, "error": type(error).__name__}
        )
        if too_old:
            await _fail(parts, attachment, "unreachable")
            return
        raise FetchAgain from error
    mime = attachments.sniff(content)
    if len(content) > parts.attachment_max_bytes or mime is None:
        await _fail(parts, attachment, "unreadable" if mime is None else "too_big")
        return
    sha256 = await parts.files.put(content)
    async with parts.database.work() as work:
        await attachments.stored(
            work, attachment_id, mime=mime, size=len(content), sha256=sha256, name=attachment.name or name
        )
        work.wake(f"conversation:{attachment.conversation_id}")
        await work.commit()


async def _fail(parts: Parts, attachment: Attachment, reason: str) -> None:
    limit = f"{parts.attachment_max_bytes // 1024 // 1024}MB"
    says = {
        "too_big": Say("attachment.too_big", {"limit": limit}),
        "unreadable": Say("attachment.unreadable"),
    }.get(reason, Say("attachment.not_received"))
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
