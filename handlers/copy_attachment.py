"""A file was stored: make of it what staff and residents look at and listen to."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from backend.attachments import pictures, recordings
from backend.attachments import service as attachments
from backend.attachments.content_types import kind_of
from backend.attachments.pictures import Broken
from backend.attachments.service import Attachment, StoredCopies
from backend.conversations.alerts import STAFF
from backend.db.queue import FILES
from handlers.parts import Parts

logger = logging.getLogger(__name__)

TRANSCRIBE = "transcribe_attachment"

_hands = ThreadPoolExecutor(max_workers=2, thread_name_prefix="copies")
"""So many at once, whatever else the worker does: a large picture takes a second and a hundred megabytes."""


_alone = asyncio.Lock()
"""For a file that was begun before: should it kill the process again, no other one is suspected twice."""


async def copy_attachment(parts: Parts, attachment_id: int) -> None:
    """Make the copies of one attachment; a broken file, or one that kills workers, is marked for staff."""
    found = await _due(parts, attachment_id)
    if found is None:
        return
    if not attachments.tries(found):
        await _copy(parts, found)
        return
    async with _alone:
        found = await _due(parts, attachment_id)
        if found is not None:
            await _copy(parts, found)


async def _due(parts: Parts, attachment_id: int) -> Attachment | None:
    async with parts.database.work() as work:
        found = await attachments.find(work, attachment_id)
    return found if found is not None and found.copies == "due" else None


async def _copy(parts: Parts, found: Attachment) -> None:
    made = None
    if await _noted(parts, found, attachments.tries(found) + 1):
        try:
            made = await _made(parts, found)
        except (Broken, FileNotFoundError):
            pass
        except Exception:
            await _noted(parts, found, 0)
            raise
    else:
        logger.warning("attachment given up", extra={"attachment_id": found.id})
    await _keep(parts, found, made)


async def _noted(parts: Parts, found: Attachment, tries: int) -> bool:
    async with parts.database.work() as work:
        noted = await attachments.note_tries(work, found.id, tries)
        await work.commit()
    return noted


async def _keep(parts: Parts, found: Attachment, made: StoredCopies | None) -> None:
    async with parts.database.work() as work:
        if not await attachments.copied(work, found.id, made):
            return
        if made is not None and found.kind == "voice" and parts.speech is not None:
            await work.defer(TRANSCRIBE, queue_name=FILES, priority=attachments.LATER, attachment_id=found.id)
        work.wake(f"conversation:{found.conversation_id}")
        work.wake(STAFF)
        await work.commit()


async def _made(parts: Parts, found: Attachment) -> StoredCopies:
    mime = found.mime or ""
    content = await parts.files.get(found.sha256 or "")
    kind, run = kind_of(mime), asyncio.get_running_loop().run_in_executor
    if kind == "voice":
        recording = await run(_hands, recordings.playable, content, mime)
        return StoredCopies(
            view_sha256=await parts.files.put(recording.content),
            view_mime=recordings.PLAYABLE,
            milliseconds=recording.milliseconds,
        )
    milliseconds = None
    if kind == "video":
        shown, milliseconds = await run(_hands, recordings.still, content, mime)
    else:
        shown = await run(_hands, pictures.copies, content)
    # The copies of a video are for lists: it is played as it came.
    view = await parts.files.put(shown.view) if kind == "image" else None
    return StoredCopies(
        view_sha256=view,
        view_mime=pictures.FORM if view else None,
        thumbnail_sha256=await parts.files.put(shown.thumbnail),
        width=shown.width,
        height=shown.height,
        milliseconds=milliseconds,
    )
