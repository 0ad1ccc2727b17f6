"""An attachment from the store, for channels that send it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.attachments.store import FileStore
from backend.db.database import Database

TAKEN_EVERYWHERE = frozenset({"image/jpeg", "image/png", "image/gif"})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment's bytes, its name and its content type."""

    content: bytes
    name: str
    mime: str


OpenFile = Callable[[int], Awaitable[StoredFile]]
"""Reads an attachment by its id; raises LookupError."""


def to_send(attachment: Attachment) -> tuple[str | None, str]:
    """Digest and content type of what is sent: a picture that not every channel takes goes as its copy."""
    if attachment.mime not in TAKEN_EVERYWHERE and attachment.view_sha256 is not None:
        return attachment.view_sha256, attachment.view_mime or ""
    return attachment.sha256, attachment.mime or ""


def opener(database: Database, files: FileStore) -> OpenFile:
    """Reads from this store what this database knows."""

    async def open_file(attachment_id: int) -> StoredFile:
        async with database.work() as work:
            attachment = await attachments.find(work, attachment_id)
        sha256, mime = to_send(attachment) if attachment else (None, "")
        if attachment is None or sha256 is None:
            raise LookupError("missing")
        try:
            content = await files.get(sha256)
        except FileNotFoundError:
            raise LookupError("missing") from None
        return StoredFile(content, attachment.name or "picture", mime)

    return open_file
