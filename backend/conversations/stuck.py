"""Stuck messages (来信未处理): promised to their channel, but not to be worked on; a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update

from backend.attachments import service as attachments
from backend.conversations import entry
from backend.conversations.alerts import finish_stuck
from backend.conversations.stash import stashed
from backend.conversations.tables import ConversationRow, ResidentRow, StashedRow
from backend.conversations.views import Sender
from backend.db.work import Work


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message as staff see it."""

    id: int
    conversation_id: int
    channel: str
    kind: str
    text: str
    files: int
    tries: int
    created_at: datetime


async def open_messages(work: Work, limit: int = 200) -> list[Stuck]:
    """What waits for a person, newest first."""
    rows = await work.session.execute(_found().order_by(StashedRow.id.desc()).limit(limit))
    return [_stuck(row[0], row[1]) for row in rows]


async def try_again(work: Work, stashed_id: int, staff_id: int) -> bool:
    """Have it worked on once more, with all its tries; False when it is none any more."""
    found = await _lock(work, stashed_id)
    if found is None:
        return False
    await work.session.execute(
        update(StashedRow)
        .where(StashedRow.id == stashed_id)
        .values(tries=0, try_at=work.now, given_up_at=None)
    )
    await _seen_to(work, found, staff_id)
    return True


async def keep_as_read(work: Work, stashed_id: int, staff_id: int) -> int | None:
    """A person took care of it: it stands in its conversation as it came, and no dialogue answers it.

    Returns that conversation, None when it is none any more.
    """
    found = await _lock(work, stashed_id)
    if found is None:
        return None
    kept, about = stashed(found[0]), found[1]
    incoming = entry.Incoming(
        kept.message_id, _kind(kept.message), _text(kept.message), _payload(kept.message)
    )
    incoming_id = await entry.receive(work, about, incoming)
    if incoming_id is not None:
        ids = [
            await attachments.add_remote(
                work,
                about,
                kind=file["kind"],
                remote_id=file["remote_id"],
                channel=kept.sender.channel,
                name=file.get("name") or "",
            )
            for file in _files(kept.message)
        ]
        if ids:
            await entry.note_attachments(work, incoming_id, ids)
    await work.session.execute(delete(StashedRow).where(StashedRow.id == stashed_id))
    work.wake(f"conversation:{about}")
    await _seen_to(work, found, staff_id)
    return about


async def _lock(work: Work, stashed_id: int) -> tuple[StashedRow, int] | None:
    """The conversation first, as everywhere."""
    seen = await work.session.scalar(
        select(StashedRow).where(StashedRow.id == stashed_id, StashedRow.given_up_at.is_not(None))
    )
    if seen is None:
        return None
    await entry.lock(work, Sender(seen.channel, seen.user_id))
    row = (
        await work.session.execute(
            _found()
            .where(StashedRow.id == stashed_id)
            .with_for_update(of=StashedRow)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def _seen_to(work: Work, found: tuple[StashedRow, int], staff_id: int) -> None:
    """The alert ends with the last of a resident's stuck messages."""
    others = await work.session.scalar(
        _found()
        .with_only_columns(StashedRow.id)
        .where(ConversationRow.id == found[1], StashedRow.id != found[0].id)
        .limit(1)
    )
    if others is None:
        await finish_stuck(work, found[1], staff_id)


def _found() -> Select[StashedRow, int]:
    return (
        select(StashedRow, ConversationRow.id)
        .join(
            ResidentRow,
            (ResidentRow.channel == StashedRow.channel) & (ResidentRow.channel_user_id == StashedRow.user_id),
        )
        .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
        .where(StashedRow.given_up_at.is_not(None))
    )


def _stuck(row: StashedRow, conversation_id: int) -> Stuck:
    return Stuck(
        id=row.id,
        conversation_id=conversation_id,
        channel=row.channel,
        kind=_kind(row.message),
        text=_text(row.message),
        files=len(_files(row.message)),
        tries=row.tries,
        created_at=row.created_at,
    )


def _kind(message: Mapping[str, Any]) -> str:
    return str(message.get("kind") or "text")


def _text(message: Mapping[str, Any]) -> str:
    return str(message.get("text") or "")


def _files(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those that are still at their channel."""
    return [file for file in message.get("attachments") or () if file.get("kind") and file.get("remote_id")]


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"location": message["location"]} if message.get("location") else {}
