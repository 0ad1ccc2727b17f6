"""A recording can be listened to: have its words written down, and go on as if they had been typed."""

from __future__ import annotations

from datetime import timedelta

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.conversations import earlier, entry, outbox
from dialogs.messages import Say
from handlers import saying
from handlers.incoming import handle
from handlers.messages import IncomingMessage
from handlers.parts import Parts
from nlu.speech import SpeechUnavailable

TRIED_FOR = timedelta(minutes=10)
"""Later than this nobody waits for it: the resident is asked to type."""


class ListenAgain(Exception):
    """The recording was not written down this time."""


async def transcribe_attachment(parts: Parts, attachment_id: int) -> None:
    """Write one recording down; its words are a message of their own, marked as a machine's.

    Raises ListenAgain while another try makes sense.
    """
    async with parts.database.work() as work:
        found = await attachments.find(work, attachment_id)
        if found is None or found.view_sha256 is None or parts.speech is None:
            return
        if await earlier.was_heard(work, found.conversation_id, attachment_id):
            return
        late = work.now - found.created_at > TRIED_FOR
    content = await parts.files.get(found.view_sha256)
    try:
        words = await parts.speech.transcribe(content, found.view_mime or "")
    except SpeechUnavailable as error:
        if not late:
            raise ListenAgain from error
        words = ""
    await (_hear(parts, found, words) if words else _ask_to_type(parts, found))


async def _hear(parts: Parts, recording: Attachment, words: str) -> None:
    async with parts.database.work() as work:
        sender = await entry.address_of(work, recording.conversation_id)
    message = IncomingMessage(
        sender,
        message_id=f"speech:{recording.id}",
        kind="voice",
        at=recording.created_at,
        text=words,
        by_machine=True,
    )
    handled = await handle(parts, message)
    async with parts.database.work() as work:
        # No response waits for it.
        await outbox.push_replies(work, handled.incoming_id, work.now)
        await work.commit()


async def _ask_to_type(parts: Parts, recording: Attachment) -> None:
    async with parts.database.work() as work:
        conversation = await entry.lock_by_id(work, recording.conversation_id)
        if conversation.mode == "bot":
            await saying.push(
                work,
                recording.conversation_id,
                (Say("attachment.not_heard"),),
                kind="notice",
                language=conversation.language,
                dedup_key=f"speech:{recording.id}",
            )
            await work.commit()
