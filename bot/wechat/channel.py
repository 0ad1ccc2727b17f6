"""The WeChat official account as a channel: passive replies, and for the rest the first way that is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from backend.conversations.views import Sender
from bot.wechat.client import WeChatClient
from bot.wechat.parsing import CHANNEL
from bot.wechat.ways import PassedOver, Way, told
from bot.wechat.xml_text import MAX_BYTES
from handlers.messages import Capabilities, Outcome, Rendered, TryLater, Undeliverable

PUSHES_PER_SECOND = 30
"""WeChat does not name its limit per minute (45011); this is some way below what others report as safe."""


class WeChatChannel:
    """Sends through the official account; without an AppSecret only passive replies exist."""

    name = CHANNEL
    capabilities = Capabilities(
        reply="passive",
        buttons=False,
        max_bytes=MAX_BYTES,
        images=True,
        files=True,
        typing=True,
        pushes_per_second=PUSHES_PER_SECOND,
    )

    def __init__(self, client: WeChatClient | None, ways: Sequence[Way], max_file_bytes: int) -> None:
        """`ways` in the order in which they are tried; `max_file_bytes`: longest file that is downloaded.

        Without a client there are only replies: neither pictures nor files pass in either direction.
        """
        if client is None:
            self.capabilities = replace(self.capabilities, images=False, files=False, typing=False)
        self._client = client
        self._ways = ways
        self._max_file_bytes = max_file_bytes
        self._unfinished: list[Callable[[], Awaitable[None]]] = []

    def finish_first(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Wait for this before the channel is closed."""
        self._unfinished.append(finish)

    async def aclose(self) -> None:
        """Wait for messages that are still worked on, then give up the connections."""
        for finish in self._unfinished:
            await finish()
        if self._client is not None:
            await self._client.aclose()

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        """Hand one message over by the first way that can be taken. An exception: the outcome is unknown."""
        passed: list[PassedOver] = []
        for way in self._ways:
            outcome = await way.send(address, message, passed)
            if outcome is not None:
                return _with(outcome, passed)
        left: TryLater | Undeliverable = Undeliverable("wechat_no_app_secret", at_next_contact=True)
        for over in passed:
            left = over.otherwise or left
        return _with(left, passed)

    async def show_typing(self, address: Sender) -> None:
        """Show that an answer is being written. Raises the client's errors."""
        if self._client is not None:
            await self._client.show_typing(address.user_id)

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Download what a resident sent. Raises LookupError when WeChat has lost it or it is too large."""
        if self._client is None:
            raise LookupError("wechat_no_app_secret")
        return await self._client.download(remote_id, self._max_file_bytes)


def _with(outcome: Outcome, passed: Sequence[PassedOver]) -> Outcome:
    return replace(outcome, passed_over=(*told(passed), *outcome.passed_over))
