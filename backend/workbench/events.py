"""The open workbench's one stream: counts, wake-ups, and the sign that its reader is there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict
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
from backend.workbench.doorway import Visitor

router = APIRouter(include_in_schema=False)

HEARTBEAT = 20.0
"""Seconds between two signs of life; three may be lost before an officer counts as absent."""
PAUSE = 0.3
"""Seconds that wake-ups are gathered, so that a burst is one look at the database."""
AFTER_TROUBLE = 2.0


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
    """Until the page closes or the session ends."""
    async with AsyncExitStack() as stack:
        ears = [("changed", await stack.enter_async_context(parts.live.subscribe(STAFF)))]
        if conversation:
            ear = await stack.enter_async_context(parts.live.subscribe(topic(conversation)))
            ears.append(("conversation", ear))
        shown: DeskCounts | None = None
        beat = 0.0
        while True:
            try:
                if time.monotonic() >= beat:
                    beat = time.monotonic() + HEARTBEAT
                    if not await _alive(parts, session):
                        yield format_sse_event(event="ended", data_str="")
                        return
                    yield format_sse_event(comment="beat")
                counts = await _counts(parts, session)
            except DatabaseUnavailable:
                beat = 0.0
                yield format_sse_event(event="trouble", data_str="")
                await asyncio.sleep(AFTER_TROUBLE)
                continue
            if counts != shown:
                shown = counts
                yield format_sse_event(event="counts", data_str=json.dumps(asdict(counts)))
            for name in await _hear(ears, max(0.0, beat - time.monotonic())):
                yield format_sse_event(event=name, data_str="")


async def _alive(parts: StaffParts, session: Session) -> bool:
    async with parts.database.work() as work:
        alive = await sign_of_life(work, session.key)
        await work.commit()
    return alive


async def _counts(parts: StaffParts, session: Session) -> DeskCounts:
    async with parts.database.work() as work:
        return await desk_counts(work, session.member)


async def _hear(ears: list[tuple[str, Subscription]], seconds: float) -> list[str]:
    """Names of what was touched within `seconds`, empty when nothing was."""
    waiting = [asyncio.create_task(ear.touched.wait()) for _, ear in ears]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    heard = [name for name, ear in ears if ear.touched.is_set()]
    if heard:
        await asyncio.sleep(PAUSE)
    for _, ear in ears:
        ear.touched.clear()
    return heard
