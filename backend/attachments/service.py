"""Attachments (附件) of conversations and cases: checked by content, kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import filetype
from sqlalchemy import select, update

from backend.attachments.tables import AttachmentRow
from backend.db.work import Work

FETCH = "fetch_attachment"

ALLOWED = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/heic",
        "audio/amr",
        "audio/mpeg",
        "audio/ogg",
        "audio/x-wav",
        "audio/mp4",
        "video/mp4",
        "video/quicktime",
        "application/pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
"""Content types that are kept; what a file claims to be does not count, its first bytes do."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment; `mime`, `size` (bytes) and `sha256` are known once it is stored."""

    id: int
    conversation_id: int
    case_id: int | None
    kind: str
    state: str
    remote_id: str | None
    mime: str | None
    size: int | None
    sha256: str | None
    name: str | None
    created_at: datetime


def sniff(content: bytes) -> str | None:
    """The content type by the first bytes, None when it is none that is kept."""
    mime = filetype.guess_mime(content)
    return mime if mime in ALLOWED else None


async def add_stored(
    work: Work, conversation_id: int, *, kind: str, mime: str, size: int, sha256: str, name: str
) -> int:
    """Record an attachment whose bytes are in the file store; its id."""
    return await _add(
        work,
        AttachmentRow(
            conversation_id=conversation_id,
            kind=kind,
            state="stored",
            mime=mime,
            size=size,
            sha256=sha256,
            name=name,
            created_at=work.now,
        ),
    )


async def add_remote(work: Work, conversation_id: int, *, kind: str, remote_id: str, name: str = "") -> int:
    """Record an attachment that the worker downloads from its channel at once; its id."""
    attachment_id = await _add(
        work,
        AttachmentRow(
            conversation_id=conversation_id,
            kind=kind,
            state="pending",
            remote_id=remote_id,
            name=name or None,
            created_at=work.now,
        ),
    )
    await work.defer(FETCH, attachment_id=attachment_id)
    return attachment_id


async def stored(work: Work, attachment_id: int, *, mime: str, size: int, sha256: str, name: str) -> None:
    """The download succeeded."""
    await work.session.execute(
        update(AttachmentRow)
        .where(AttachmentRow.id == attachment_id, AttachmentRow.state == "pending")
        .values(state="stored", mime=mime, size=size, sha256=sha256, name=name)
    )


async def failed(work: Work, attachment_id: int, reason: str) -> None:
    """The download cannot succeed; `reason` is a code."""
    await work.session.execute(
        update(AttachmentRow)
        .where(AttachmentRow.id == attachment_id, AttachmentRow.state == "pending")
        .values(state="failed", failure=reason)
    )


async def give_to_case(work: Work, attachment_ids: Sequence[int], case_id: int, conversation_id: int) -> None:
    """Attach the conversation's own attachments to a case."""
    if attachment_ids:
        await work.session.execute(
            update(AttachmentRow)
            .where(AttachmentRow.id.in_(attachment_ids), AttachmentRow.conversation_id == conversation_id)
            .values(case_id=case_id)
        )


async def find(work: Work, attachment_id: int) -> Attachment | None:
    """One attachment; who may see it is the caller's question."""
    row = await work.session.get(AttachmentRow, attachment_id, populate_existing=True)
    return _view(row) if row else None


async def of_case(work: Work, case_id: int) -> list[Attachment]:
    """What was attached to a case, oldest first."""
    rows = await work.session.scalars(
        select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    )
    return [_view(row) for row in rows]


async def _add(work: Work, row: AttachmentRow) -> int:
    work.session.add(row)
    await work.session.flush()
    return row.id


def _view(row: AttachmentRow) -> Attachment:
    return Attachment(
        id=row.id,
        conversation_id=row.conversation_id,
        case_id=row.case_id,
        kind=row.kind,
        state=row.state,
        remote_id=row.remote_id,
        mime=row.mime,
        size=row.size,
        sha256=row.sha256,
        name=row.name,
        created_at=row.created_at,
    )
