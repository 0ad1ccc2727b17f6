"""An attachment from the store, for channels that send it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.attachments import service as attachments
from backend.attachments.store import FileStore
from backend.db.database import Database


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment's bytes, its name and its content type."""

    content: bytes
    name: str
    mime: str


OpenFile = Callable[[int], Awaitable[StoredFile]]
"""Reads an attachment by its id; raises LookupError."""


def opener(database: Database, files: FileStore) -> OpenFile:
    """Reads from this store what this database knows."""

    async def open_file(attachment_id: int) -> StoredFile:
        async with database.work() as work:
            attachment = await attachments.find(work, attachment_id)
        if attachment is None or attachment.sha256 is None:
            raise LookupError("missing")
        try:
            content = await files.get(attachment.sha256)
        except FileNotFoundError:
            raise LookupError("missing") from None
        return StoredFile(content, attachment.name or "picture", attachment.mime or "")

    return open_file
