"""What the tests of the chat have in common: a story, an officer's words, a photo."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from sqlalchemy import func, select

from backend.conversations import outbox
from backend.conversations.tables import ConversationRow
from tests.webchat.listener import Listener

STORY = "楼上漏水漏到我家，物业一直不管，找了三次都没人来"
POSTS = "**/chat/messages"


async def say(listener: Listener, words: str) -> None:
    """An officer's words to the resident who came last: the only one of the test."""
    async with listener.parts.database.work() as work:
        conversation_id = (await work.session.scalars(select(func.max(ConversationRow.id)))).one()
        await outbox.post(work, conversation_id, kind="chat", literal=words)
        await work.commit()


def picture(width: int = 4000, height: int = 3000, **written: Any) -> bytes:
    """A photo as a camera makes it: dark above, light below as the sensor sees it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "JPEG", **written)
    return file.getvalue()
