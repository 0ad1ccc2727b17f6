"""Take files in: before the transaction checked and cleaned, in it kept as far as the day's limits allow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from backend.attachments import service as attachments
from backend.attachments.cleaning import Clean, Position, cleaned
from backend.attachments.content_types import kind_of, may_be, sniff
from backend.attachments.limits import Limits, megabytes
from backend.attachments.names import kept_name
from backend.attachments.service import Today
from backend.conversations import entry
from backend.db.work import Work
from dialogs.messages import Location, Say
from handlers.messages import IncomingAttachment
from handlers.parts import Parts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is in the store (`sha256`), or still at its channel (`remote_id`), or refused in words."""

    kind: str
    sha256: str = ""
    mime: str = ""
    size: int = 0
    name: str = ""
    remote_id: str = ""
    taken_at: Location | None = None
    refusal: Say | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of one message that are attachments now, and what is said of the others."""

    ids: tuple[int, ...] = ()
    refused: tuple[Say, ...] = ()
    taken_at: Location | None = None
    """Where the first photo that says so was taken."""


class Refused(Exception):
    """A file that is not kept; `reason` is a code, `says` are the words for the resident."""

    def __init__(self, reason: str, says: Say) -> None:
        """Made by `checked`."""
        super().__init__(reason)
        self.reason = reason
        self.says = says


async def receive_attachments(
    parts: Parts, attachments: Sequence[IncomingAttachment]
) -> tuple[Received, ...]:
    """Store what came with its bytes; a file that cannot be kept is answered, not raised."""
    return tuple([await _receive(parts, attachment) for attachment in attachments])


async def keep_attachments(
    parts: Parts, work: Work, conversation_id: int, incoming_id: int, received: Sequence[Received]
) -> Kept:
    """Make attachments of a message of what was received with it, until the day's limit is reached."""
    if not received:
        return Kept()
    ids: list[int] = []
    refused: list[Say] = []
    before = await attachments.today(work, conversation_id)
    for item in received:
        says = item.refusal or over(parts.limits, before, item.size)
        if says is not None:
            if says not in refused:
                refused.append(says)
            continue
        before = Today(before.files + 1, before.size + item.size)
        ids.append(await _add(work, conversation_id, item))
    if ids:
        await entry.note_attachments(work, incoming_id, ids)
    places = (item.taken_at for item in received if item.taken_at)
    return Kept(tuple(ids), tuple(refused), next(places, None) if ids else None)


async def checked(content: bytes, kind: str, limits: Limits) -> Clean:
    """The file as it is kept, judged by its content; raises Refused and nothing else."""
    try:
        mime = await asyncio.to_thread(sniff, content)
        if mime is None or not may_be(kind, mime):
            raise Refused("unreadable", Say("attachment.unreadable"))
        limit = limits.of(kind_of(mime))
        if len(content) > limit:
            raise Refused("too_big", too_big(limit))
        return await cleaned(content, mime)
    except Refused:
        raise
    except Exception as error:  # whatever a strange file does to a reader, the words beside it count
        logger.warning("attachment not read", extra={"error": type(error).__name__})
        raise Refused("unreadable", Say("attachment.unreadable")) from error


def too_big(limit: int) -> Say:
    """What is said of a file that has more bytes than that."""
    return Say("attachment.too_big", {"limit": megabytes(limit)})


def over(limits: Limits, before: Today, size: int) -> Say | None:
    """What is said when one more file of this size is more than a day may bring; None when it is not."""
    if before.files >= limits.day_files or before.size + size > limits.day_bytes:
        return Say("attachment.enough_today")
    return None


def located(position: Position | None) -> Location | None:
    """A photo's place as dialogues know places."""
    return Location(position.latitude, position.longitude) if position else None


async def _receive(parts: Parts, attachment: IncomingAttachment) -> Received:
    kind, content = attachment.kind, attachment.content
    size = attachment.size if content is None else len(content)
    # Before anything is read: a document may be a video that was sent as a file.
    limit = parts.limits.largest if kind == "file" else parts.limits.of(kind)
    if size is not None and size > limit:
        return Received(kind, refusal=too_big(limit))
    if content is None and not attachment.remote_id:
        return Received(kind, refusal=Say("attachment.not_here"))
    if content is None:
        return Received(kind, remote_id=attachment.remote_id, name=attachment.name)
    if not content:
        return Received(kind, refusal=Say("attachment.unreadable"))
    try:
        kept = await checked(content, kind, parts.limits)
    except Refused as refused:
        return Received(kind, refusal=refused.says)
    return Received(
        kind_of(kept.mime),
        sha256=await parts.files.put(kept.content),
        mime=kept.mime,
        size=len(kept.content),
        name=kept_name(attachment.name, kept.mime),
        taken_at=located(kept.taken_at),
    )


async def _add(work: Work, conversation_id: int, item: Received) -> int:
    if not item.sha256:
        address = await entry.address_of(work, conversation_id)
        return await attachments.add_remote(
            work,
            conversation_id,
            kind=item.kind,
            remote_id=item.remote_id,
            channel=address.channel,
            name=item.name,
        )
    return await attachments.add_stored(
        work,
        conversation_id,
        kind=item.kind,
        mime=item.mime,
        size=item.size,
        sha256=item.sha256,
        name=item.name,
    )
