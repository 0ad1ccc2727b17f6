"""A resident changed a message that was sent before: what it said, what it says, which case it went into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.attachments import service as attachments
from backend.cases import told
from backend.conversations import earlier
from backend.db.work import Work
from handlers.messages import IncomingMessage
from handlers.reception import Received


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of an earlier message, with what dialogues need to find its words again."""

    before: str
    told_in: int | None
    added: tuple[Received, ...]
    """The files that the earlier message did not have."""


async def read(
    work: Work, conversation_id: int, message: IncomingMessage, received: Sequence[Received]
) -> Edit | IncomingMessage | None:
    """What an edit changes; None when that is nothing, or something that is out of date already.

    When the earlier message never arrived, the edit is all there is of it, and is returned as that message.
    The conversation must be locked.
    """
    known = await earlier.find(work, conversation_id, message.edits)
    if known is None:
        kind = message.attachments[0].kind if message.attachments else "text"
        return replace(message, kind=kind, message_id=message.edits, edits="")
    files = [await attachments.find(work, attachment_id) for attachment_id in known.attachment_ids]
    same = {file.remote_id for file in files if file}
    added = tuple(file for file in received if not file.remote_id or file.remote_id not in same)
    stale = message.at.isoformat() < known.changed
    if stale or (message.text == known.text and not added):
        return None
    case_id = await told.case_of(work, conversation_id, incoming_id=known.id, at=known.at, words=known.text)
    return Edit(known.text, case_id, added)
