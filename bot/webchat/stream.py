"""What an open page is sent: every message it may not have yet, and those whose choices changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from backend.conversations import outbox
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from backend.live import Live
from bot.webchat.views import from_timeline
from handlers.parts import Parts
from handlers.timeline import Conversation, history

LOOK_AGAIN = 15.0
"""Seconds after which the rows are read without a wake-up: one may have been lost."""
NOBODY_YET = 2.0
"""Seconds between two looks for a conversation that has no message yet."""
RECENT = 50
"""So many of the newest messages are read each time: a lower id can become visible after a higher one."""
RECONNECT_MS = 1000


async def events(parts: Parts, live: Live, sender: Sender, after: int) -> AsyncIterator[ServerSentEvent]:
    """Messages of this device's conversation, as they come; ends when the database is away.

    `after` is the last id that the page has seen: everything newer is sent, and the newest `RECENT` in any
    case, because the page knows each id and shows it once.
    """
    yield ServerSentEvent(comment="open", retry=RECONNECT_MS)
    sent: dict[int, bool] = {}
    try:
        conversation_id = await _conversation(parts, live, sender)
        async with live.subscribe(outbox.topic(conversation_id)) as subscription:
            found = await history(parts, sender, after=after) if after else None
            while True:
                for event in _news(found, sent):
                    yield event
                found = await history(parts, sender, limit=RECENT)
                for event in _news(found, sent):
                    yield event
                await subscription.wait(LOOK_AGAIN)
                found = None
    except DatabaseUnavailable:
        return


async def _conversation(parts: Parts, live: Live, sender: Sender) -> int:
    while (found := await history(parts, sender, limit=1)) is None:
        async with live.subscribe("nobody") as nothing:
            await nothing.wait(NOBODY_YET)
    return found.conversation_id


def _news(found: Conversation | None, sent: dict[int, bool]) -> list[ServerSentEvent]:
    news = []
    for item in found.items if found else ():
        if sent.get(item.id) == item.open:
            continue
        sent[item.id] = item.open
        data = json.dumps(from_timeline(item), ensure_ascii=False)
        news.append(ServerSentEvent(raw_data=data, id=str(max(sent))))
    return news
