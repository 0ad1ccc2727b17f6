"""The WeChat official account as a channel: passive replies, and customer service messages for the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.conversations.views import Sender
from bot.wechat.client import WeChatClient
from bot.wechat.errors import NotReached, OutcomeUnknown, WeChatError, outcome_of
from bot.wechat.parsing import CHANNEL
from bot.wechat.xml_text import MAX_BYTES, clean, fit
from handlers.messages import Capabilities, Outcome, Rendered, Sent, TryLater, Undeliverable

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp"})
"""What `media/upload` takes as an image, up to 10 MB."""


@dataclass(frozen=True, slots=True)
class File:
    """A stored attachment that goes with a message."""

    content: bytes
    name: str
    mime: str


OpenFile = Callable[[int], Awaitable[File]]
"""Reads an attachment by its id; raises LookupError."""


class WeChatChannel:
    """Sends through the official account; without an AppSecret only passive replies exist."""

    name = CHANNEL
    capabilities = Capabilities(reply="passive", buttons=False, max_bytes=MAX_BYTES)

    def __init__(self, client: WeChatClient | None, open_file: OpenFile, max_file_bytes: int) -> None:
        """`max_file_bytes`: longest attachment that is downloaded."""
        self._client = client
        self._open_file = open_file
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
        """Hand one message over, words before its picture. An exception means that the outcome is unknown."""
        if self._client is None:
            return Undeliverable("wechat_no_app_secret", at_next_contact=True)
        try:
            media_id = await self._upload(self._client, message.attachment_id)
        except LookupError as reason:
            return Undeliverable(f"attachment_{reason.args[0]}")
        except OutcomeUnknown:
            # An upload that may have arrived has shown the resident nothing.
            return TryLater("wechat_unreachable")
        except NotReached as reason:
            return TryLater(f"wechat_{reason}")
        except WeChatError as error:
            return outcome_of(error.code)
        return await self._send(self._client, address.user_id, fit(clean(message.text)), media_id)

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Download what a resident sent. Raises LookupError when WeChat has lost it or it is too large."""
        if self._client is None:
            raise LookupError("wechat_no_app_secret")
        return await self._client.download(remote_id, self._max_file_bytes)

    async def _upload(self, client: WeChatClient, attachment_id: int | None) -> str | None:
        if attachment_id is None:
            return None
        file = await self._open_file(attachment_id)
        if file.mime not in PICTURES:
            raise LookupError("no_picture")
        return await client.upload_image(file.content, file.name, file.mime)

    async def _send(self, client: WeChatClient, openid: str, text: str, media_id: str | None) -> Outcome:
        said = False
        try:
            if text:
                await client.send_text(openid, text)
                said = True
            if media_id is not None:
                await client.send_image(openid, media_id)
        except NotReached as reason:
            return Undeliverable("picture_not_sent") if said else TryLater(f"wechat_{reason}")
        except WeChatError as error:
            # The words have arrived: trying the whole message again would say them twice.
            return Undeliverable(f"picture_{error.code}") if said else outcome_of(error.code)
        return Sent("custom")
