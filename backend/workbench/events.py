"""The open workbench's one stream: counts, wake-ups, and the sign that its reader is there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from backend.conversations.alerts import STAFF
from backend.conversations.outbox import topic
from backend.db.database import DatabaseUnavailable
from backend.live import Subscription
from backend.organisation.sessions import Session, sign_of_life
from backend.parts import Parts, StaffParts
from backend.statistics.desk import DeskCounts, desk_counts
from backend.workbench import chat_desk
from backend.workbench.doorway import Visitor

router = APIRouter(include_in_schema=False)

HEARTBEAT = 20.0
"""Seconds between two signs of life; three may be lost before an officer counts as absent."""
PAUSE = 0.3
"""Seconds that wake-ups are gathered, so that a burst is one look at the database."""
LOOK_AGAIN = 5.0
"""Seconds after which a page looks without having been woken: Redis may lose wake-ups."""
AFTER_TROUBLE = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What an open page shows at one moment."""

    counts: DeskCounts
    talk: chat_desk.Marker | None


@router.get("/events")
async def events(
    parts: Parts, session: Visitor, conversation: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> StreamingResponse:
    """Server-sent events: `counts`, `changed` (look at the lists again), `conversation`, `ended`."""
    wanted = conversation if session.member.of_centre else 0
    return StreamingResponse(
        stream(parts, session, wanted),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def stream(parts: StaffParts, session: Session, conversation: int) -> AsyncIterator[bytes]:
    """Until the page closes or the session ends. A wake-up that was lost is made up for by looking again."""
    async with AsyncExitStack() as stack:
        ears = {"changed": await stack.enter_async_context(parts.live.subscribe(STAFF))}
        if conversation:
            ears["conversation"] = await stack.enter_async_context(parts.live.subscribe(topic(conversation)))
        heard: set[str] = set()
        shown: Look | None = None
        beat = 0.0
        while True:
            try:
                if time.monotonic() >= beat:
                    if not await _alive(parts, session):
                        yield format_sse_event(event="ended", data_str="")
                        return
                    yield format_sse_event(comment="beat")
                    heard |= {"changed"} if beat else set()
                    beat = time.monotonic() + HEARTBEAT
                look = await _look(parts, session, conversation)
            except DatabaseUnavailable:
                yield format_sse_event(event="trouble", data_str="")
                # Whatever the page asked for meanwhile has failed: afterwards it looks at everything again.
                shown, heard = None, set(ears)
                await asyncio.sleep(AFTER_TROUBLE)
                continue
            if shown is None or look.counts != shown.counts:
                yield format_sse_event(event="counts", data_str=json.dumps(asdict(look.counts)))
            if shown is not None:
                heard |= {"changed"} if look.counts != shown.counts else set()
                heard |= {"conversation"} if look.talk != shown.talk else set()
            for name in sorted(heard):
                yield format_sse_event(event=name, data_str="")
            shown = look
            heard = await _hear(ears, min(LOOK_AGAIN, max(0.0, beat - time.monotonic())))


async def _alive(parts: StaffParts, session: Session) -> bool:
    async with parts.database.work() as work:
        alive = await sign_of_life(work, session.key)
        await work.commit()
    return alive


async def _look(parts: StaffParts, session: Session, conversation: int) -> Look:
    async with parts.database.work() as work:
        talk = await chat_desk.marker(work, conversation) if conversation else None
        return Look(await desk_counts(work, session.member), talk)


async def _hear(ears: Mapping[str, Subscription], seconds: float) -> set[str]:
    """Names of what was touched within `seconds`, empty when nothing was."""
    waiting = [asyncio.create_task(ear.touched.wait()) for ear in ears.values()]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    if done:
        await asyncio.sleep(PAUSE)
    heard = {name for name, ear in ears.items() if ear.touched.is_set()}
    for ear in ears.values():
        ear.touched.clear()
    return heard
