"""The web chat as a channel: its page reads the rows itself, so to hand over is to leave it there."""

from __future__ import annotations

from backend.conversations.views import Sender
from handlers.messages import Capabilities, Rendered, Sent

NAME = "web"


class WebChannel:
    """Delivers by the page's own reading: the worker's commit wakes it."""

    name = NAME
    capabilities = Capabilities(reply="passive", buttons=True, max_bytes=None, images=True, files=True)

    async def send(self, address: Sender, message: Rendered) -> Sent:
        """The row is the delivery: the page shows it now, or at the resident's next visit."""
        return Sent(way="page")

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Raises LookupError: files arrive with their message, nothing is ever left to download."""
        raise LookupError(remote_id)

    async def show_typing(self, address: Sender) -> None:
        """Nothing to do: the page that posted a message shows by itself that it waits."""
