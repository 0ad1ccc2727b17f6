"""Take files in before the transaction: checked by their content, put into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.attachments.service import sniff
from backend.attachments.store import FileStore
from dialogs.messages import Say
from handlers.messages import IncomingAttachment


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is in the store (`sha256`), or still at its channel (`remote_id`), or refused in words."""

    kind: str
    sha256: str = ""
    mime: str = ""
    size: int = 0
    name: str = ""
    remote_id: str = ""
    refusal: Say | None = None


async def receive_attachments(
    files: FileStore, attachments: Sequence[IncomingAttachment], max_bytes: int
) -> tuple[Received, ...]:
    """Store what came with its bytes; a file that cannot be kept is answered, not raised."""
    return tuple([await _receive(files, attachment, max_bytes) for attachment in attachments])


async def _receive(files: FileStore, attachment: IncomingAttachment, max_bytes: int) -> Received:
    size = attachment.size if attachment.content is None else len(attachment.content)
    if size is not None and size > max_bytes:
        limit = f"{max_bytes // 1024 // 1024}MB"
        return Received(attachment.kind, refusal=Say("attachment.too_big", {"limit": limit}))
    if attachment.content is None:
        return Received(attachment.kind, remote_id=attachment.remote_id, name=attachment.name)
    mime = sniff(attachment.content)
    if mime is None:
        return Received(attachment.kind, refusal=Say("attachment.unreadable"))
    sha256 = await files.put(attachment.content)
    return Received(
        attachment.kind, sha256=sha256, mime=mime, size=len(attachment.content), name=attachment.name
    )
