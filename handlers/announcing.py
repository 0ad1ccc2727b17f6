"""Who waits long for an answer sees that it is being written, on every channel that can show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from backend.conversations.views import Sender
from handlers.incoming import Handled
from handlers.messages import Channel, IncomingMessage

logger = logging.getLogger(__name__)

AFTER = 1.0
"""Seconds of work on a message after which its sender is shown that an answer is being written."""

GIVE_UP = 5.0
"""Seconds after which a channel need not show it any more."""

AT_ONCE = 5
"""To how many residents it is shown at the same time; a machine that has more waiting is too busy for it."""

Awaited = Callable[[], bool]


class Handle(Protocol):
    """Works on a message in one transaction: `handlers.incoming.handle` without its parts."""

    async def __call__(self, message: IncomingMessage, awaited: Awaited | None = None, /) -> Handled: ...


class Announcing:
    """Works on messages as `handle` does; showing goes on beside it, and whether it fails is all the same."""

    def __init__(self, channel: Channel, handle: Handle) -> None:
        """`channel` is where the messages come from."""
        self._channel = channel
        self._handle = handle
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, message: IncomingMessage, awaited: Awaited | None = None, /) -> Handled:
        """What `handle` returns or raises."""
        if not self._channel.capabilities.typing:
            return await self._handle(message, awaited)
        timer = asyncio.get_running_loop().call_later(AFTER, self._begin, message.sender)
        try:
            return await self._handle(message, awaited)
        finally:
            timer.cancel()

    async def finish(self) -> None:
        """Wait for what is under way; it takes `GIVE_UP` seconds at most."""
        await asyncio.gather(*self._under_way)

    def _begin(self, address: Sender) -> None:
        if len(self._under_way) >= AT_ONCE:
            return
        # The event loop keeps only weak references.
        task = asyncio.create_task(self._show(address))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _show(self, address: Sender) -> None:
        try:
            async with asyncio.timeout(GIVE_UP):
                await self._channel.show_typing(address)
        except Exception as error:
            logger.info("typing not shown", extra={"channel": address.channel, "error": type(error).__name__})
