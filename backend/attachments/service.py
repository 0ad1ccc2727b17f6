"""Attachments (附件) of conversations and cases: kept once, with copies to look at and to play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update

from backend.attachments.content_types import PICTURES, kind_of
from backend.attachments.limits import DAY
from backend.attachments.tables import AttachmentRow
from backend.db.queue import DOWNLOADS, FILES
from backend.db.work import Work

FETCH = "fetch_attachment"
COPY = "copy_attachment"
"""The worker's jobs: download a file from its channel; make what is shown and played of it."""

_BEGUN: tuple[str | None, ...] = (None, "begun", "begun_again")
"""What `failure` says of a file that has not failed while it is read: the how manyth try it is."""

LATER = -10
"""The priority of copies: a message to somebody comes first."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment; `mime`, `size` (bytes) and `sha256` are known once it is stored."""

    id: int
    conversation_id: int
    case_id: int | None
    kind: str
    state: str
    remote_id: str | None
    failure: str | None
    mime: str | None
    size: int | None
    sha256: str | None
    name: str | None
    created_at: datetime
    copies: str
    view_sha256: str | None
    view_mime: str | None
    thumbnail_sha256: str | None
    width: int | None
    height: int | None
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class StoredCopies:
    """Copies that are in the file store; None: there is none of that sort."""

    view_sha256: str | None = None
    view_mime: str | None = None
    thumbnail_sha256: str | None = None
    width: int | None = None
    height: int | None = None
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What a conversation sent in the last 24 hours."""

    files: int
    size: int
    """Bytes."""


async def add_stored(
    work: Work, conversation_id: int, *, kind: str, mime: str, size: int, sha256: str, name: str
) -> int:
    """Record an attachment whose bytes are in the file store; its id. Its copies are made by the worker."""
    attachment_id = await _add(
        work,
        AttachmentRow(
            conversation_id=conversation_id,
            kind=kind,
            state="stored",
            mime=mime,
            size=size,
            sha256=sha256,
            name=name,
            copies=_copies(mime),
            created_at=work.now,
        ),
    )
    await _have_copied(work, attachment_id, mime)
    return attachment_id


async def add_remote(
    work: Work, conversation_id: int, *, kind: str, remote_id: str, channel: str, name: str = ""
) -> int:
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
    await work.defer(FETCH, queue_name=f"{DOWNLOADS}{channel}", attachment_id=attachment_id)
    return attachment_id


async def stored(work: Work, attachment_id: int, *, mime: str, size: int, sha256: str, name: str) -> bool:
    """The download succeeded; False when it was over already."""
    found = await work.session.scalar(
        update(AttachmentRow)
        .where(AttachmentRow.id == attachment_id, AttachmentRow.state == "pending")
        .values(
            state="stored",
            failure=None,
            kind=kind_of(mime),
            mime=mime,
            size=size,
            sha256=sha256,
            name=name,
            copies=_copies(mime),
        )
        .returning(AttachmentRow.id)
    )
    if found is not None:
        await _have_copied(work, attachment_id, mime)
    return found is not None


async def failed(work: Work, attachment_id: int, reason: str) -> None:
    """The download cannot succeed; `reason` is a code."""
    await work.session.execute(
        update(AttachmentRow)
        .where(AttachmentRow.id == attachment_id, AttachmentRow.state == "pending")
        .values(state="failed", failure=reason)
    )


def tries(found: Attachment) -> int:
    """How often it was read without an end: the process was killed meanwhile, perhaps by the file."""
    return _BEGUN.index(found.failure) if found.failure in _BEGUN else 0


async def note_tries(work: Work, attachment_id: int, number: int) -> bool:
    """It is read for this time, or, with 0, an error of ours ended that; False when it is too often."""
    if number >= len(_BEGUN):
        return False
    await work.session.execute(
        update(AttachmentRow)
        .where(
            AttachmentRow.id == attachment_id,
            or_(AttachmentRow.state == "pending", AttachmentRow.copies == "due"),
        )
        .values(failure=_BEGUN[number])
    )
    return True


async def copied(work: Work, attachment_id: int, made: StoredCopies | None) -> bool:
    """The copies are in the store, or, with None, the file is broken; False when that was known already."""
    values = {"copies": "broken"} if made is None else {"copies": "made", **_values(made)}
    found = await work.session.scalar(
        update(AttachmentRow)
        .where(AttachmentRow.id == attachment_id, AttachmentRow.copies == "due")
        .values({**values, "failure": None})
        .returning(AttachmentRow.id)
    )
    return found is not None


async def today(work: Work, conversation_id: int) -> Today:
    """What a conversation sent lately, to be held against its limits."""
    row = (
        await work.session.execute(
            select(func.count(), func.coalesce(func.sum(AttachmentRow.size), 0)).where(
                AttachmentRow.conversation_id == conversation_id,
                AttachmentRow.state != "failed",
                AttachmentRow.created_at > work.now - DAY,
            )
        )
    ).one()
    files, size = row
    return Today(files, int(size or 0))


async def give_to_case(work: Work, attachment_ids: Sequence[int], case_id: int, conversation_id: int) -> None:
    """Attach the conversation's own attachments to a case."""
    if attachment_ids:
        await work.session.execute(
            update(AttachmentRow)
            .where(AttachmentRow.id.in_(attachment_ids), AttachmentRow.conversation_id == conversation_id)
            .values(case_id=case_id)
        )


async def lock_loose(work: Work, attachment_ids: Sequence[int], conversation_id: int) -> tuple[int, ...]:
    """Those of the conversation's own attachments that belong to no case yet, locked until the work ends."""
    found = await work.session.scalars(
        select(AttachmentRow.id)
        .where(
            AttachmentRow.id.in_(attachment_ids),
            AttachmentRow.conversation_id == conversation_id,
            AttachmentRow.case_id.is_(None),
            AttachmentRow.state != "failed",
        )
        .order_by(AttachmentRow.id)
        .with_for_update()
    )
    return tuple(found)


async def find(work: Work, attachment_id: int) -> Attachment | None:
    """One attachment; who may see it is the caller's question."""
    row = await work.session.get(AttachmentRow, attachment_id, populate_existing=True)
    return _view(row) if row else None


async def find_all(work: Work, attachment_ids: Sequence[int]) -> dict[int, Attachment]:
    """Several by their ids; those that there are."""
    if not attachment_ids:
        return {}
    rows = await work.session.scalars(select(AttachmentRow).where(AttachmentRow.id.in_(attachment_ids)))
    return {row.id: _view(row) for row in rows}


async def of_case(work: Work, case_id: int) -> list[Attachment]:
    """What was attached to a case, oldest first."""
    rows = await work.session.scalars(
        select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    )
    return [_view(row) for row in rows]


async def loose_in(work: Work, conversation_id: int) -> list[Attachment]:
    """What a conversation holds that belongs to no case, oldest first."""
    rows = await work.session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.conversation_id == conversation_id, AttachmentRow.case_id.is_(None))
        .order_by(AttachmentRow.id)
    )
    return [_view(row) for row in rows]


def _copies(mime: str) -> str:
    if mime in PICTURES or mime.startswith(("audio/", "video/")):
        return "due"
    return "broken" if mime.startswith("image/") else "none"


async def _have_copied(work: Work, attachment_id: int, mime: str) -> None:
    if _copies(mime) == "due":
        await work.defer(COPY, queue_name=FILES, priority=LATER, attachment_id=attachment_id)


def _values(made: StoredCopies) -> dict[str, object]:
    return {name: getattr(made, name) for name in StoredCopies.__slots__}


async def _add(work: Work, row: AttachmentRow) -> int:
    work.session.add(row)
    await work.session.flush()
    return row.id


def _view(row: AttachmentRow) -> Attachment:
    return Attachment(**{name: getattr(row, name) for name in Attachment.__slots__})
